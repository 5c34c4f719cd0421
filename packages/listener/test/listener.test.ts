import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";

import { listen } from "../src/index.js";
import { containerDirectory } from "./support/container-directory.js";
import { deviceDatagrams } from "./support/corpus.js";
import { socketsIn } from "./support/fake-relay.js";
import { hello, pack, synced } from "./support/messages.js";
import { device, pair } from "./support/pair.js";
import { settled } from "./support/settled.js";
import { withSockets } from "./support/unix-dgram.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })); // it looks for its file when a test says so
afterEach(() => void vi.useRealTimers());

describe("a listener", withSockets, () => {
  test("tells the coldplug, then that it is complete, then what happens", async () => {
    const { listener, relay, said } = await pair();
    await relay.say(hello, device(1, "a"), device(2, "a/b"), synced);
    await relay.say(device(3, "a/b", "remove"));
    await settled();
    expect(said).toEqual([
      "add /devices/a",
      "add /devices/a/b",
      "resync +/devices/a,/devices/a/b -",
      "remove /devices/a/b",
    ]);
    expect([...listener.devices.keys()]).toEqual(["/devices/a"]);
  });

  test("hands out recorded datagrams byte for byte, with the relay's number", async () => {
    const { listener, relay } = await pair();
    const recorded = deviceDatagrams("guest-usb-kbd.bin");
    const messages = listener[Symbol.asyncIterator]();
    await relay.say(hello);
    for (const [i, bytes] of recorded.entries()) await relay.say({ kind: "event", seq: i + 1, bytes });
    for (const bytes of recorded) {
      const { value } = await messages.next();
      expect(value?.kind === "event" && Buffer.from(value.bytes).equals(bytes)).toBe(true);
    }
  });

  test("tells the difference after the relay came back", async () => {
    const { listener, relay, said } = await pair();
    await relay.say(hello, device(1, "a"), device(2, "b"), synced);
    await relay.say(hello, device(1, "b"), device(2, "c"), synced);
    await settled();
    expect(said.at(-1)).toBe("resync +/devices/c -/devices/a");
    expect(said.filter((words) => words.startsWith("gap"))).toEqual([]);
    expect([...listener.devices.keys()]).toEqual(["/devices/b", "/devices/c"]);
  });

  test("does not take an object below a device for a device", async () => {
    const { listener, relay, said } = await pair();
    await relay.say(hello, device(1, "net/a"), { ...device(2, "net/a/queues/rx-0"), device: false }, synced);
    await settled();
    expect(said).toContain("add /devices/net/a/queues/rx-0");
    expect([...listener.devices.keys()]).toEqual(["/devices/net/a"]);
  });

  test("asks for the msgpack form by its name, and leaves nothing behind", async () => {
    const dir = containerDirectory();
    const listener = await listen({ dir });
    expect(socketsIn(dir).join()).toMatch(/^\d+-[0-9a-f]{12}\.msgpack\.sock$/);
    await listener.close();
    await listener.close();
    expect(listener.ref().unref()).toBe(listener);
    expect(socketsIn(dir)).toEqual([]);
  });
});

test("who iterates later than it listens misses nothing", withSockets, async () => {
  const { listener, relay } = await pair();
  await relay.say(hello, device(1, "a"));
  await settled();
  expect(await listener[Symbol.asyncIterator]().next()).toMatchObject({ value: { devpath: "/devices/a" } });
});

describe("a hole is said:", withSockets, () => {
  test.each<[string, readonly object[], readonly string[]]>([
    ["the relay lost some", [device(1, "a"), { kind: "gap", lost: 2 }, device(4, "b")], ["gap 2 container"]],
    ["the kernel lost some", [{ kind: "gap", lost: "unknown", where: "kernel" }], ["gap unknown kernel"]],
    ["a number is missing", [device(1, "a"), device(4, "b")], ["gap 2 listener"]],
    ["the first one is missing", [device(2, "a")], ["gap 1 listener"]],
    ["the first one after the relay came back is missing", [device(1, "a"), hello, device(2, "a")], ["gap 1 listener"]],
    ["an event is no event", [{ ...device(1, "a"), bytes: Buffer.from("add@") }, device(2, "b")], ["gap 1 listener"]],
    ["a message is damaged", [{ kind: "event" }, device(1, "a")], ["gap unknown listener"]],
  ])("%s", async (_, messages, gaps) => {
    const { relay, said } = await pair();
    await relay.say(hello, ...messages);
    await settled();
    expect(said.filter((words) => words.startsWith("gap"))).toEqual(gaps);
  });

  test("a datagram is too long", async () => {
    const { relay, said } = await pair();
    await relay.say(hello, device(1, "a"));
    await relay.send(Buffer.alloc(70_000, pack(synced)));
    await relay.say(device(9, "b"));
    await settled();
    expect(said).toEqual(["add /devices/a", "gap unknown listener", "add /devices/b"]);
  });

  test("a gap makes nothing up, and its repair is a resync", async () => {
    const { listener, relay, said } = await pair();
    await relay.say(hello, device(1, "a"), synced, { kind: "gap", lost: 1 });
    await settled();
    expect([...listener.devices.keys()]).toEqual(["/devices/a"]);
    await relay.say(device(3, "a", "remove"), device(4, "b"), synced);
    await settled();
    expect(said.at(-1)).toBe("resync +/devices/b -/devices/a");
  });
});

test("whatever is sent, it goes on", withSockets, async () => {
  const { relay, said } = await pair();
  const whole = pack(hello, device(1, "a"), synced);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), fc.uint8Array({ maxLength: 60 }), async (at, insert) => {
      await relay.send(Buffer.concat([whole.subarray(0, at), insert]));
    }),
    { numRuns: 300 },
  );
  await settled();
  said.length = 0;
  await relay.say(hello, device(1, "z"), synced);
  await settled();
  expect(said[0]).toBe("add /devices/z");
  expect(said[1]).toMatch(/^resync \+\/devices\/z/);
});

describe("a relay of another version", withSockets, () => {
  const later = { kind: "hello", version: 2 };
  const remedy = "Update uevent-bridge in the container.";
  const mismatch = { code: "VERSION_MISMATCH", message: expect.stringContaining("version 2") as unknown };

  test("is an error of those who iterate, and nothing else is told", async () => {
    const { listener, relay, said } = await pair();
    const messages = listener[Symbol.asyncIterator]();
    await relay.say(later, device(1, "a"));
    expect(await messages.next()).toMatchObject({ value: { kind: "gap", lost: "unknown" } });
    await expect(messages.next()).rejects.toMatchObject({ ...mismatch, remedy });
    await settled();
    expect(said).toEqual(["gap unknown listener"]);
    await expect(listener[Symbol.asyncIterator]().next()).rejects.toMatchObject({ ...mismatch, remedy });
  });

  test("is a warning of the process if nobody iterates", async () => {
    const { relay } = await pair();
    const warned = vi.fn();
    process.on("warning", warned);
    onTestFinished(() => void process.off("warning", warned));
    await relay.say(later);
    await settled();
    expect(warned).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ ...mismatch, detail: remedy }));
  });

  test("may be followed by one that is understood", async () => {
    const { listener, relay } = await pair();
    await relay.say({ kind: "hello", version: 0 });
    await settled();
    listener[Symbol.asyncIterator](); // the first one would have the gap
    await expect(listener[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      remedy: "Update uevent-bridge on the host.",
    });
    await relay.say(hello);
    await settled();
    const next = listener[Symbol.asyncIterator]().next();
    await relay.say(device(1, "a"));
    expect(await next).toMatchObject({ value: { devpath: "/devices/a" } });
  });
});

describe("who listens", withSockets, () => {
  test("and throws does not keep others, nor later messages, from being told", async () => {
    const { listener, relay } = await pair();
    const messages = listener[Symbol.asyncIterator]();
    const uncaught = uncaughtErrors();
    listener.on("event", () => {
      throw new Error("of the test");
    });
    await relay.say(hello, device(1, "a"), device(2, "b"));
    expect([await messages.next(), await messages.next()]).toMatchObject([
      { value: { devpath: "/devices/a" } },
      { value: { devpath: "/devices/b" } },
    ]);
    expect(listener.devices.size).toBe(2);
    await settled();
    expect(uncaught).toHaveLength(2);
  });

  test("and closes has its iterators end", async () => {
    const { listener } = await pair();
    const next = listener[Symbol.asyncIterator]().next();
    await listener.close();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test("and aborts has it closed; a signal that is aborted already rejects", async () => {
    const dir = containerDirectory();
    const abort = new AbortController();
    const listener = await listen({ dir, signal: abort.signal });
    const next = listener[Symbol.asyncIterator]().next();
    abort.abort(new Error("enough"));
    expect(await next).toMatchObject({ done: true });
    expect(socketsIn(dir)).toEqual([]);
    await expect(listen({ dir, signal: abort.signal })).rejects.toThrow("enough");
    expect(socketsIn(dir)).toEqual([]);
  });
});

/** Errors that would end the process, instead of what vitest does with them. */
function uncaughtErrors(): unknown[] {
  const errors: unknown[] = [];
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => errors.push(error));
  onTestFinished(() => {
    process.removeAllListeners("uncaughtException");
    for (const other of others) process.on("uncaughtException", other);
  });
  return errors;
}
