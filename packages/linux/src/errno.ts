import { constants } from "node:os";
import { getSystemErrorName } from "node:util";

/** The system's error numbers, as positive numbers. */
export const ERRNO = constants.errno;

/** What a failed call is kept as, for the `cause` of an error: `bind: EADDRINUSE`. `result` is -errno. */
export function systemError(call: string, result: number): Error {
  const code = errnoName(result);
  return Object.assign(new Error(`${call}: ${code}`), { code, errno: result, syscall: call }); // as Node's own functions do
}

/** `-13` gives `EACCES`. */
export function errnoName(result: number): string {
  return getSystemErrorName(result);
}

/** The `code` of an error that Node's own functions throw: `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** The system has too little of something: nobody forbids it. */
export function isShortage(error: unknown): boolean {
  return ["EMFILE", "ENFILE", "ENOMEM", "ENOSPC"].includes(codeOf(error) ?? "");
}

/** The result of `work`. Where the system had too little of something, or forbade it, it is tried once more: that may be over. */
export function onceMore<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isShortage(error) && codeOf(error) !== "EPERM") throw error;
    return work();
  }
}

/** -errno of an error that Node's own functions throw. Anything else is thrown again. */
export function errnoOf(error: unknown): number {
  if (error instanceof Error && "errno" in error && typeof error.errno === "number") return error.errno;
  throw error;
}
