import { readFileSync } from "node:fs";

import { until } from "./listener.js";

/**
 * Milliseconds of a clock that stands still while this thread could run and the processor was another's. It goes on while the thread
 * waits, or is blocked in a call.
 */
export function ownTime(): number {
  const [, queued = "0"] = readFileSync("/proc/thread-self/schedstat", "latin1").split(" "); // nanoseconds
  return performance.now() - Number(queued) / 1e6;
}

/** How many of them pass until the condition holds. @throws Error it waited too long */
export async function ownTimeUntil(condition: () => boolean, what: string): Promise<number> {
  const begin = ownTime();
  await until(condition, what);
  return ownTime() - begin;
}
