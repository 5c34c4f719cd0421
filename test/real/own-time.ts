import { setTimeout as sleep } from "node:timers/promises";

const STEP_MS = 5;
const PATIENCE_MS = 10_000;

/**
 * Milliseconds until the condition holds, of this process: in which it worked, or waited for what is to come. Those in which the
 * machine did not let it run are none. @throws Error it waited too long
 */
export async function ownTimeUntil(condition: () => boolean, what: string): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  let own = 0;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    const [begin, before] = [performance.now(), process.cpuUsage()];
    await sleep(STEP_MS);
    const { user, system } = process.cpuUsage(before); // microseconds
    own += Math.min(performance.now() - begin, Math.max(2 * STEP_MS, (user + system) / 1000));
  }
  return own;
}
