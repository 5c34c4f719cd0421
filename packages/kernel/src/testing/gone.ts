import { KernelError } from "../errors.js";
import type { TargetRef } from "../target.js";

/** Nothing is there that could be a container. */
export function gone(ref: TargetRef): KernelError {
  return ref.pid === undefined
    ? new KernelError("TARGET_NO_NETNS", `${ref.netns} is no network namespace`, "name a path such as /run/netns/NAME")
    : new KernelError("TARGET_GONE", `there is no process ${ref.pid}`, "start the container, then attach it");
}
