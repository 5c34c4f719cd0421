import { mkdirSync, rmSync } from "node:fs";

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { FakeRelay, socketsIn } from "./support/fake-relay.js";
import { hello, pack, synced } from "./support/messages.js";
import { device, pair } from "./support/pair.js";
import { settled } from "./support/settled.js";
import { withSockets } from "./support/unix-dgram.js";

const LOOK = 1000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })); // it looks for its file when a test says so
afterEach(() => void vi.useRealTimers());

describe("what was lost on the way is not lost for long: the relay is to tell all anew, after", withSockets, () => {
  test.each<[string, (relay: FakeRelay) => Promise<void>]>([
    ["a damaged datagram", (relay) => relay.send(Buffer.from("garbage"))],
    ["half a message", (relay) => relay.send(pack(device(3, "c")).subarray(0, 20))],
    ["one that is too long", (relay) => relay.send(Buffer.alloc(70_000, pack(synced)))],
    ["a missing number", (relay) => relay.say(device(4, "c"))],
  ])("%s", async (_, harm) => {
    const { dir, listener, relay, said } = await pair();
    await relay.say(hello, device(1, "a"), device(2, "b"), synced);
    await harm(relay);
    await settled();
    vi.advanceTimersByTime(LOOK);
    using newcomer = new FakeRelay(dir);
    await newcomer.say(hello, device(1, "b"), synced);
    await settled();
    expect(said.at(-1)).toMatch(/^resync \+ -\/devices\/a/);
    expect([...listener.devices.keys()]).toEqual(["/devices/b"]);
  });

  test("but not after a gap that the relay knows of, and will make up for", async () => {
    const { dir, relay } = await pair();
    const before = socketsIn(dir);
    await relay.say(hello, device(1, "a"), synced, { kind: "gap", lost: 1 }, { kind: "gap", lost: "unknown" });
    await settled();
    vi.advanceTimersByTime(2 * LOOK);
    expect(socketsIn(dir)).toEqual(before);
  });
});

test("where another directory is, it listens there", withSockets, async () => {
  const { dir, listener, relay, said } = await pair();
  await relay.say(hello, device(1, "a"), synced);
  await settled();
  rmSync(dir, { recursive: true });
  vi.advanceTimersByTime(LOOK);
  mkdirSync(dir);
  vi.advanceTimersByTime(LOOK);
  using newcomer = new FakeRelay(dir);
  await newcomer.say(hello, device(1, "b"), synced);
  await settled();
  expect(said.at(-1)).toBe("resync +/devices/b -/devices/a");
  expect([...listener.devices.keys()]).toEqual(["/devices/b"]);
});
