import { expect, test } from "vitest";
import type { TestContext } from "vitest";
import { Ear, need, range, until } from "./tools.js";
import type { Events, World } from "./world.js";

/** What the sources of these cases are to be content with, in bytes. */
export const BUFFER = {
  /** Some ten datagrams. */
  small: 8192,
  /** A few batches. */
  batches: 131_072,
} as const;

const GRANTED_MAX = 8; // times what was asked for: Linux doubles it
const SMALLEST_CHARGE = 512; // bytes that the smallest datagram costs of a buffer
const LATER = 100_000; // the number of an event that follows those which were too many

/** How a source tells that the kernel lost something. */
export function overrunCases(world: () => World): void {
  test("an overrun is said once, before what was queued earlier", async (context) => {
    const { ear } = await overrun(context, world(), BUFFER.small);
    ear.source.drain();
    expect(ear.batches.map((batch) => batch.overrun)).toEqual(ear.batches.map((_, i) => i === 0));
  });

  test("the hole is at the end: what was queued comes without a gap", async (context) => {
    const { ear, events, said } = await overrun(context, world(), BUFFER.small);
    ear.source.drain();
    const numbers = ear.numbers(events);
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.length).toBeLessThan(said);
    expect(numbers).toEqual(range(0, numbers.length));
  });

  test("after an overrun was drained the source hears again", async (context) => {
    const { ear, events } = await overrun(context, world(), BUFFER.small);
    ear.source.drain();
    ear.batches.length = 0;
    await events.say(LATER, 2);
    ear.source.drain();
    expect(ear.numbers(events)).toEqual([LATER, LATER + 1]);
    expect(ear.batches.some((batch) => batch.overrun)).toBe(false);
  });

  test("a second overrun is said again", async (context) => {
    const { ear, events, said } = await overrun(context, world(), BUFFER.small);
    ear.source.drain();
    await events.say(LATER, said);
    ear.source.drain();
    expect(ear.batches.filter((batch) => batch.overrun)).toHaveLength(2);
  });

  test("a resumed source tells of an overrun by itself", async (context) => {
    const { ear } = await overrun(context, world(), BUFFER.small);
    ear.source.resume();
    await until(() => ear.batches.at(-1)?.drained === true, "the queue is read empty");
    expect(ear.batches[0]?.overrun).toBe(true);
  });
}

/** The same of a source whose queue is longer than a batch. */
export function longOverrunCases(world: () => World): void {
  test("until the queue was read empty all that follows is lost, and no second overrun is said", async (context) => {
    const { ear, events } = await overrun(context, world(), BUFFER.batches);
    ear.after = () => ear.source.pause();
    ear.source.resume();
    await until(() => ear.batches.length > 0, "the first batch is heard");
    expect(ear.batches[0]).toMatchObject({ overrun: true, drained: false });
    await events.say(LATER, 3); // there is room for them, and yet
    ear.after = () => {};
    ear.source.drain();
    expect(ear.numbers(events).filter((number) => number >= LATER)).toEqual([]);
    expect(ear.batches.filter((batch) => batch.overrun)).toHaveLength(1);
  });
}

interface Overrun {
  /** Paused; it was said `said` events, numbered from 0, and lost some. */
  readonly ear: Ear;
  readonly events: Events;
  readonly said: number;
}

async function overrun(context: TestContext, world: World, buffer: number): Promise<Overrun> {
  const events = need(context, world.events);
  const ear = new Ear(world.kernel);
  const granted = ear.source.receiveBuffer;
  if (granted > GRANTED_MAX * buffer) context.skip(`sources have ${granted} bytes of buffer here, not about ${buffer}`);
  const said = Math.ceil(granted / SMALLEST_CHARGE) + 1;
  await events.say(0, said);
  return { ear, events, said };
}
