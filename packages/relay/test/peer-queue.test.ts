import type { Peer, Sender, Unsent } from "@uevent-bridge/kernel";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { made } from "../src/datagram.js";
import { Outbox } from "../src/outbox.js";
import { Budget } from "../src/outlets/budget.js";
import { PeerQueue } from "../src/outlets/peer-queue.js";
import { Share } from "../src/share.js";
import { Turn } from "../src/turn.js";
import { useBusyClock } from "./busy-clock.js";

const clock = useBusyClock();
let immediates: (() => void)[] = []; // of the next turn of the event loop
beforeEach(() => {
  immediates = [];
  vi.stubGlobal("setImmediate", (callback: () => void) => immediates.push(callback));
});
afterEach(() => void vi.unstubAllGlobals());

/** Listeners of one container who can be told `room` datagrams more, each of which takes `sendMs`. */
function openQueues(count: number, { sendMs = 0, toldAnewMs = 0, outcome = "full" as Unsent["outcome"] }) {
  const state = { room: 0, sent: 0, drained: 0, gone: 0 };
  const writable = new Map<Peer, () => void>();
  const pushed: Peer[] = [];
  const sender: Sender = {
    stage: () => {},
    push: (peer) => void pushed.push(peer),
    flush: () =>
      pushed.splice(0).flatMap((peer): readonly Unsent[] => {
        clock.busyMs += sendMs;
        if (state.room-- > 0) return [state.sent++].flatMap(() => []);
        return [{ peer, outcome, bytes: Uint8Array.of(1) }];
      }),
  };
  const [outbox, turn, share] = [new Outbox(sender), new Turn(), new Share()];
  const onDrained = (): void => {
    state.drained++;
    clock.busyMs += toldAnewMs;
  };
  const queues = Array.from({ length: count }, () => {
    const peer: Peer = { onceWritable: (callback) => void writable.set(peer, callback), close: () => {} };
    const queue: PeerQueue = new PeerQueue({
      outbox,
      peer,
      turn,
      share,
      budget: new Budget(1e6),
      onDrained,
      onGap: () => {},
      onGone: () => {
        state.gone++;
        queue.close();
      },
    });
    return queue;
  });
  /** One turn of the event loop, in which all who wait can be written to; the milliseconds that it took. */
  const spin = (): number => {
    const before = clock.busyMs;
    const callbacks = [...immediates.splice(0), ...writable.values()];
    writable.clear();
    for (const callback of callbacks) callback();
    vi.advanceTimersByTime(1);
    return clock.busyMs - before;
  };
  return { queues, state, spin };
}

test("listeners that read again all at once are sent what waited in many turns, in which others have theirs", () => {
  const { queues, state, spin } = openQueues(64, { sendMs: 0.1 });
  for (const queue of queues) for (let i = 0; i < 100; i++) queue.add(Uint8Array.of(1), { seq: 1, news: undefined });
  state.room = Infinity;
  const turns = [];
  while (state.sent < 6400) turns.push(spin());
  expect(Math.max(...turns)).toBeLessThan(8);
  expect(state.drained).toBe(64);
});

test("who lost something is told all anew when it has read, but not all the time", () => {
  const { queues, state, spin } = openQueues(1, { toldAnewMs: 50 });
  const [queue] = queues;
  state.room = Infinity;
  for (let ms = 0; ms < 10_000; ms++) {
    if (queue?.idle) queue.add(Uint8Array.of(1), { seq: 1, news: undefined });
    spin();
  }
  expect(state.drained).toBeGreaterThan(10);
  expect(state.drained * 50).toBeLessThan((10_000 + clock.busyMs) / 4);
});

test("who is closed while it waits for its share holds nobody", () => {
  const { queues, state, spin } = openQueues(2, { toldAnewMs: 100 });
  state.room = Infinity;
  for (const queue of queues) queue.add(Uint8Array.of(1), { seq: 1, news: undefined });
  for (let turns = 0; turns < 2; turns++) spin();
  expect([state.drained, vi.getTimerCount()]).toEqual([1, 1]); // one has been told all anew
  for (const queue of queues) queue.close();
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ["gone", 1],
  ["too-long", 0],
  ["full", 0],
] as const)(
  "what comes back as %s says %i times that a listener has gone, and once it is closed no more",
  (outcome, gone) => {
    const { queues, state } = openQueues(1, { outcome });
    const [queue] = queues;
    const say = (): void => {
      queue?.push(made(Uint8Array.of(1)), { seq: 1, news: undefined });
      queue?.flush();
    };
    say();
    expect(state).toMatchObject({ gone, sent: 0 });
    queue?.close();
    say();
    expect(state).toMatchObject({ gone, sent: 0 });
  },
);

test("who has gone when it is tried again is told nothing anew", () => {
  const { queues, state, spin } = openQueues(1, { outcome: "gone" });
  queues[0]?.add(Uint8Array.of(1), { seq: 1, news: undefined });
  spin();
  expect(state).toMatchObject({ gone: 1, drained: 0 });
});
