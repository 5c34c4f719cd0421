import { join } from "node:path";

import { readText } from "../read-text.js";

/** Functions of the kernel in which a process waits until each processor has been seen to be elsewhere. */
export const GRACE_PERIOD = /rcu|exp_funnel/;

/**
 * Whether a process that does not answer is kept from it by another one. It is not if it only has no processor, or waits for a grace period:
 * to unmount takes one, and where a machine is busy that is long, and nobody's doing.
 * @param proc of a pid namespace in which it has this number
 */
export function isHeldUp(pid: number, proc = "/proc"): boolean {
  const read = (name: string): string => readText(join(proc, `${pid}`, name));
  const isRunnable = (): boolean => read("stat").includes(") R ");
  try {
    return !isRunnable() && !GRACE_PERIOD.test(read("wchan")) && !isRunnable();
  } catch {
    return true; // it has ended
  }
}
