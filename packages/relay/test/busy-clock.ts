import { afterEach, beforeEach, vi } from "vitest";

/** A clock that stands still but for what a test does: time in which timers fire, and time in which work keeps them from it. */
export interface BusyClock {
  /** Milliseconds in which no timer could fire. */
  busyMs: number;
  /** Work that takes so long. */
  readonly work: (ms: number) => () => void;
}

/** Replaces the clock and the timers for each test of a file. */
export function useBusyClock(): BusyClock {
  const clock: BusyClock = { busyMs: 0, work: (ms) => () => void (clock.busyMs += ms) };
  beforeEach(() => {
    clock.busyMs = 0;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    vi.spyOn(performance, "now").mockImplementation(() => Date.now() + clock.busyMs);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  return clock;
}
