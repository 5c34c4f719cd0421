import { InvalidArgumentError } from "commander";

import { isTimeout } from "../control/protocol.js";

/** A process id. @throws InvalidArgumentError */
export function parsePid(text: string): number {
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (pid < 1 || pid >= 2 ** 31) throw new InvalidArgumentError("A pid is a whole number from 1 on.");
  return pid;
}

/** A time in milliseconds from a number of seconds. @throws InvalidArgumentError */
export function parseSeconds(text: string): number {
  const ms = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : Number.NaN;
  if (!isTimeout(ms)) throw new InvalidArgumentError("A time is a number of seconds, such as 2.5.");
  return ms;
}
