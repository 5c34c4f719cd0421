import type { DeviceTree, Source } from "@uevent-bridge/kernel";
import { expect, test, vi } from "vitest";

import { Feed, HOST_NETNS } from "../src/feed.js";
import { Registry } from "../src/registry.js";
import { Waiting } from "../src/waiting.js";
import { useBusyClock } from "./busy-clock.js";

const clock = useBusyClock();
const { work } = clock;

/** A feed whose `/sys` takes `readMs` to be read. */
function openFeed(netns: bigint, readMs = 0) {
  const state = { flows: false, isOpen: true };
  const source = {
    resume: () => (state.flows = true),
    pause: () => (state.flows = false),
    close: () => (state.flows = false),
  } as unknown as Source;
  const devices = {
    enumerate: async () => {
      clock.busyMs += readMs;
      return [];
    },
    close: () => void (state.isOpen = false),
  } as unknown as DeviceTree;
  const registry = new Registry({ devices, netns, netOnly: true });
  const feed = new Feed({ netns, devices, registry, source, waiting: new Waiting(10) });
  feed.resume();
  return { feed, state };
}

test("what a container says in its own netns takes its share of the time and no more, and is heard again", () => {
  const { feed, state } = openFeed(4242n);
  let batches = 0;
  for (let ms = 0; ms < 10_000; ms++) {
    vi.advanceTimersByTime(1);
    while (state.flows) {
      feed.take(work(5));
      if (++batches > 10_000) throw new Error("it never lets go");
    }
  }
  expect(clock.busyMs).toBeGreaterThan(10_000 / 50);
  expect(clock.busyMs).toBeLessThan((10_000 + clock.busyMs) / 4);
});

test("the host's kernel is heard whatever it takes", () => {
  const { feed, state } = openFeed(HOST_NETNS);
  feed.take(work(60_000));
  expect(state.flows).toBe(true);
});

test("reading /sys for it counts too, and while it is read nothing is heard", async () => {
  const { feed, state } = openFeed(4242n, 50);
  feed.pause();
  feed.resyncing = feed.enumerate().then(() => undefined);
  feed.take(work(100)); // more than its share
  vi.advanceTimersByTime(2000);
  expect(state.flows).toBe(false);
  await feed.resyncing;
  feed.resyncing = undefined;
  await feed.enumerate();
  feed.resume();
  expect(state.flows).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(state.flows).toBe(true);
});

test("while /sys is read nothing is heard either of one that has waited more than once", () => {
  const { feed, state } = openFeed(4242n);
  for (let batches = 0; batches < 2; batches++) feed.take(work(100));
  feed.pause();
  vi.advanceTimersByTime(2000);
  expect(state.flows).toBe(false);
});

test("one that is closed while it waits is not heard again, and reads nothing", () => {
  const { feed, state } = openFeed(4242n);
  feed.take(work(100));
  expect(state.flows).toBe(false);
  feed.close();
  vi.advanceTimersByTime(10_000);
  feed.resume();
  expect(state).toEqual({ flows: false, isOpen: false });
});
