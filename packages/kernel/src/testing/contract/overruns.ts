import { expect, test } from "vitest";
import type { TestContext } from "vitest";
import { Ear, need, range, until } from "./tools.js";
import type { Events, World } from "./world.js";

/** What the worlds of these cases ask their sources to be content with. */
export const SMALL = 8192; // bytes: some ten datagrams
const TOO_MANY = 200; // datagrams

/** How a source tells that the kernel lost something. */
export function overrunCases(world: () => World): void {
  test("an overrun is said once, before what was queued earlier", async (context) => {
    const { ear } = await overrun(context, world());
    ear.source.drain();
    expect(ear.batches.map(({ overrun }) => overrun)).toEqual(ear.batches.map((_, i) => i === 0));
  });

  test("the hole is at the end: what was queued comes without a gap", async (context) => {
    const { ear, events } = await overrun(context, world());
    ear.source.drain();
    const numbers = ear.numbers(events);
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.length).toBeLessThan(TOO_MANY);
    expect(numbers).toEqual(range(0, numbers.length));
  });

  test("until the queue was read empty, all that follows is lost too", async (context) => {
    const { ear, events } = await overrun(context, world());
    await events.say(TOO_MANY, 1);
    ear.source.drain();
    expect(ear.numbers(events)).not.toContain(TOO_MANY);
  });

  test("after an overrun was drained the source hears again", async (context) => {
    const { ear, events } = await overrun(context, world());
    ear.source.drain();
    ear.batches.length = 0;
    await events.say(1000, 2);
    ear.source.drain();
    expect(ear.numbers(events)).toEqual([1000, 1001]);
    expect(ear.batches.some(({ overrun }) => overrun)).toBe(false);
  });

  test("a second overrun is said again", async (context) => {
    const { ear, events } = await overrun(context, world());
    ear.source.drain();
    await events.say(1000, TOO_MANY);
    ear.source.drain();
    expect(ear.batches.filter(({ overrun }) => overrun)).toHaveLength(2);
  });

  test("a resumed source tells of an overrun by itself", async (context) => {
    const { ear } = await overrun(context, world());
    ear.source.resume();
    await until(() => ear.batches.at(-1)?.drained === true, "the queue is read empty");
    expect(ear.batches[0]?.overrun).toBe(true);
  });
}

/** A paused source that lost something. */
async function overrun(context: TestContext, world: World): Promise<{ readonly ear: Ear; readonly events: Events }> {
  const events = need(context, world.events);
  const ear = new Ear(world.kernel);
  const granted = ear.source.receiveBuffer;
  if (granted > 8 * SMALL)
    context.skip(`sources of this world have ${granted} bytes of receive buffer, and not about ${SMALL}`);
  await events.say(0, TOO_MANY);
  return { ear, events };
}
