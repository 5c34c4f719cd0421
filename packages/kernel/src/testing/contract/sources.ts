import { describe, expect, test } from "vitest";
import type { TestContext } from "vitest";
import { BATCH_SIZE } from "../../source.js";
import { Ear, bytes, need, range, until } from "./tools.js";
import type { Events, Step, World } from "./world.js";

const FROM_KERNEL = { portId: 0, groups: 1, pid: 0, uid: 0 };
const MANY = 3 * BATCH_SIZE + 8;

/** The promises of `Source` and `Batch`. */
export function sourceCases(world: () => World): void {
  test("a datagram comes with its bytes and the kernel as its sender", async (context) => {
    const { ear, events } = listen(context, world());
    await events.say(7, 1);
    ear.source.drain();
    const heard = ear.heard.find(({ text }) => events.numberOf(text) === 7);
    expect(heard).toMatchObject(FROM_KERNEL);
    expect(heard?.text).toMatch(/^([a-z]+)@(\/.+)\0ACTION=\1\0DEVPATH=\2\0SUBSYSTEM=[^\0]+\0(?:.+\0)?SEQNUM=\d+\0$/s);
  });

  test("datagrams come in order, none twice, in batches of at most 64", async (context) => {
    const { ear, events } = listen(context, world());
    ear.source.resume();
    await events.say(0, MANY);
    await until(() => ear.numbers(events).length >= MANY, "all events are heard");
    expect(ear.numbers(events)).toEqual(range(0, MANY));
    expect(Math.max(...ear.batches.map(({ heard }) => heard.length))).toBeLessThanOrEqual(BATCH_SIZE);
  });

  test.for([MANY, 1000, 1024])("the end of %d datagrams is said", async (count, context) => {
    const { ear, events } = listen(context, world());
    await events.say(0, count);
    ear.source.resume();
    await until(() => ear.numbers(events).length >= count, "all events are heard");
    await until(() => ear.batches.at(-1)?.drained === true, "that there are no more is said");
  });

  test("each batch uses the same memory", async (context) => {
    const events = need(context, world().events);
    const memory = new Set<ArrayBufferLike>();
    const ear = new Ear(world().kernel);
    ear.after = ({ slab, starts, ends, portIds, groups, pids, uids }) =>
      [slab, starts, ends, portIds, groups, pids, uids].forEach((array) => memory.add(array.buffer));
    await events.say(0, MANY);
    ear.source.drain();
    expect(ear.batches.length).toBeGreaterThan(1);
    expect(memory.size).toBeLessThanOrEqual(7);
  });

  test("a source is paused until resume(), and loses nothing meanwhile", async (context) => {
    const { ear, events } = listen(context, world());
    await events.say(0, 3);
    await world().settle();
    expect(ear.batches).toEqual([]);
    ear.source.resume();
    await until(() => ear.numbers(events).length === 3, "what waited is heard");
  });

  test("pause() leaves datagrams where they are, resume() brings them", async (context) => {
    const { ear, events } = listen(context, world());
    ear.source.resume();
    await events.say(0, 1);
    await until(() => ear.numbers(events).length === 1, "the first is heard");
    ear.source.pause();
    await events.say(1, 2);
    await world().settle();
    expect(ear.numbers(events)).toEqual([0]);
    ear.source.resume();
    await until(() => ear.numbers(events).length === 3, "the others are heard");
  });

  test("pause() within onBatch holds the next batch back", async (context) => {
    const { ear, events } = listen(context, world());
    ear.after = () => ear.source.pause();
    await events.say(0, MANY);
    ear.source.resume();
    await until(() => ear.batches.length > 0, "a batch is heard");
    await world().settle();
    expect(ear.batches).toHaveLength(1);
    ear.after = () => {};
    ear.source.resume();
    await until(() => ear.numbers(events).length === MANY, "the others are heard");
  });

  test("the end is said after resume(), if the source was paused before it had been", async (context) => {
    const { ear, events } = listen(context, world());
    ear.after = () => ear.source.pause();
    await events.say(0, BATCH_SIZE);
    ear.source.resume();
    await until(() => ear.batches.length > 0, "a batch is heard");
    ear.after = () => {};
    ear.source.resume();
    await until(() => ear.batches.at(-1)?.drained === true, "that there are no more is said");
  });

  test.for(["paused", "resumed"] as const)(
    "drain() reads a %s source empty before it returns",
    async (state, context) => {
      const { ear, events } = listen(context, world());
      if (state === "resumed") ear.source.resume();
      await events.say(0, MANY);
      ear.source.drain();
      expect(ear.numbers(events)).toEqual(range(0, MANY));
      expect(ear.batches.at(-1)?.drained).toBe(true);
    },
  );

  test("a batch that left something behind does not say that the queue is empty", async (context) => {
    const { ear, events } = listen(context, world());
    await events.say(0, MANY);
    ear.source.drain();
    const last = ear.batches.findIndex(({ heard }) => heard.some(({ text }) => events.numberOf(text) === MANY - 1));
    expect(ear.batches.slice(0, last).map(({ drained }) => drained)).toEqual(range(0, last).map(() => false));
  });

  test("no batch reports an overrun when nothing was lost", async (context) => {
    const { ear, events } = listen(context, world());
    await events.say(0, MANY);
    ear.source.drain();
    expect(ear.batches.filter(({ overrun }) => overrun)).toEqual([]);
  });

  test.for(["drain()", "resume()"] as const)("close() within onBatch ends what %s began", async (begin, context) => {
    const { ear, events } = listen(context, world());
    ear.after = () => ear.source.close();
    await events.say(0, MANY);
    if (begin === "drain()") ear.source.drain();
    else ear.source.resume();
    await until(() => ear.batches.length > 0, "a batch is heard");
    await world().settle();
    expect(ear.batches).toHaveLength(1);
  });

  test("a closed source hears nothing", async (context) => {
    const { ear, events } = listen(context, world());
    ear.source.resume();
    ear.source.close();
    await events.say(0, 3);
    await world().settle();
    expect(ear.numbers(events)).toEqual([]);
  });

  test("closing a source twice is harmless, and so is all that follows", async (context) => {
    const { ear, events } = listen(context, world());
    await events.say(0, 3);
    for (const step of ["close", "close", "resume", "pause", "ref", "unref", "drain", "resume"] as const)
      ear.source[step]();
    await world().settle();
    expect(ear.batches).toEqual([]);
  });

  test("drain() of an empty queue says that it is empty", (context) => {
    const { ear } = listen(context, world());
    ear.source.drain();
    expect(ear.batches.at(-1)).toMatchObject({ overrun: false, drained: true });
  });

  test("drain() within onBatch is refused: the slab is in use", async (context) => {
    const { ear, events } = listen(context, world());
    const errors: unknown[] = [];
    ear.after = () => {
      try {
        ear.source.drain();
      } catch (error) {
        errors.push(error);
      }
    };
    await events.say(0, 1);
    ear.source.drain();
    expect(errors.length).toBe(ear.batches.length);
  });

  test("two sources hear the same, each at its own pace", async (context) => {
    const { ear, events } = listen(context, world());
    const other = new Ear(world().kernel);
    await events.say(0, 3);
    ear.source.drain();
    expect([ear.numbers(events), other.numbers(events)]).toEqual([[0, 1, 2], []]);
    other.source.drain();
    expect(other.numbers(events)).toEqual([0, 1, 2]);
  });

  test("the udev group does not hear the kernel's own words", async (context) => {
    const events = need(context, world().events);
    const ear = new Ear(world().kernel, "udev");
    await events.say(0, 3);
    await world().settle();
    ear.source.drain();
    expect(ear.heard.filter(({ portId, groups }) => portId === 0 || groups !== 2)).toEqual([]);
  });

  test("the granted receive buffer is said", () => {
    expect(new Ear(world().kernel).source.receiveBuffer).toBeGreaterThan(0);
  });

  describe("holding the process", () => {
    const table: [boolean, Step[]][] = [
      [true, ["open", "resume"]],
      [false, ["open", "resume", "unref"]],
      [false, ["open", "unref", "resume"]],
      [true, ["open", "resume", "unref", "ref"]],
      [false, ["open", "resume", "close"]],
      [false, ["open", "close"]],
    ];
    test.for(table)("%s after %j", async ([holds, steps], context) => {
      expect(await need(context, world().holds).afterSource(steps)).toBe(holds);
    });
  });
}

/** Who says a datagram is known. */
export function forgeryCases(world: () => World): void {
  test("a forged datagram comes with its true sender", async (context) => {
    const { ear, events } = listen(context, world());
    const forge = need(context, events.forge);
    const lie = "add@/devices/lie\0ACTION=add\0DEVPATH=/devices/lie\0SUBSYSTEM=block\0SEQNUM=1\0";
    await forge.say(bytes(lie));
    ear.source.drain();
    const heard = ear.heard.find(({ text }) => text === lie);
    expect(heard).toMatchObject({ groups: 1 });
    expect([heard?.portId, heard?.pid]).not.toContain(0);
  });
}

function listen(context: TestContext, world: World): { readonly ear: Ear; readonly events: Events } {
  const events = need(context, world.events);
  return { ear: new Ear(world.kernel), events };
}
