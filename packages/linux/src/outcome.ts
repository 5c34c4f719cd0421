import type { Unsent } from "@uevent-bridge/kernel";

import { ERRNO } from "./errno.js";

const OUTCOMES: ReadonlyMap<number, Unsent["outcome"]> = new Map([
  [ERRNO.EAGAIN, "full"],
  [ERRNO.ENOBUFS, "full"],
  [ERRNO.ENOMEM, "full"],
  [ERRNO.EMFILE, "full"], // of our own descriptors: to connect may work later
  [ERRNO.ENFILE, "full"],
  [ERRNO.ENOSPC, "full"],
  [ERRNO.ECONNREFUSED, "gone"],
  [ERRNO.ENOENT, "gone"],
  [ERRNO.ENAMETOOLONG, "gone"],
  [ERRNO.ENOTCONN, "gone"],
  [ERRNO.ECONNRESET, "gone"],
  [ERRNO.EPIPE, "gone"],
  [ERRNO.EBADF, "gone"], // a closed peer
  [ERRNO.EMSGSIZE, "too-long"],
  [ERRNO.EINVAL, "too-long"], // what the kernel answers to an injected event over 2 KiB
]);

/** What a failed send means. `result` is -errno; what is not known is refused for good. */
export function outcomeOf(result: number): Unsent["outcome"] {
  return OUTCOMES.get(-result) ?? "denied";
}
