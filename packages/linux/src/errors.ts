import { KernelError } from "@uevent-bridge/kernel";
import type { TargetRef } from "@uevent-bridge/kernel";

/** How a target is called in a sentence. */
export function nameOf(ref: TargetRef): string {
  return ref.pid === undefined ? `the network namespace ${ref.netns}` : `the network namespace of pid ${ref.pid}`;
}

export function noProcess(pid: number, what: string): KernelError {
  return new KernelError(
    "TARGET_GONE",
    what,
    `give the pid of a process of the container that runs now, as the host counts it (not ${pid})`,
  );
}

export function noPid(): KernelError {
  return new KernelError(
    "TARGET_GONE",
    "no process of the container is known, beside which a program could be run",
    "give the pid of one, and not the path of a namespace",
  );
}

export function noNetns(path: string, problem: string, cause?: unknown): KernelError {
  return new KernelError(
    "TARGET_NO_NETNS",
    `${path || "an empty path"} is no network namespace: ${problem}`,
    "give /proc/PID/ns/net, or a path below /run/netns (ip netns list)",
    cause === undefined ? undefined : { cause },
  );
}

export function sharesHost(ref: TargetRef, owner: "initial" | "other"): KernelError {
  const owned = "is owned by the initial user namespace, so its programs hear every event of the host already";
  const ours = "is our own, so its programs hear every event that we hear already";
  return new KernelError(
    "TARGET_SHARES_HOST",
    `${nameOf(ref)} ${owner === "initial" ? owned : ours}`,
    "give the container a user namespace of its own or a shadow (--shadow auto, uevent-bridge run), or deliver by socket " +
      "(--socket DIR) and not by netlink: with the shim (uevent-bridge print shim-path) its programs take that for netlink",
  );
}

export function mayNot(ref: TargetRef, what: string, cause: unknown): KernelError {
  return new KernelError(
    "NO_PRIVILEGE",
    `this process may not ${what} ${nameOf(ref)}`,
    "run as root (CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID), or as the user who made the container",
    { cause },
  );
}

/** Nothing can be given to a user namespace whose maps were not written: it would be given to the host's nobody. */
export function noIds(pid: number): KernelError {
  return new KernelError(
    "NO_PRIVILEGE",
    `the user namespace of pid ${pid} has no ids yet, so nobody in it can be given anything`,
    `attach when its maker has written /proc/${pid}/uid_map and gid_map`,
  );
}

export function tooOld(what: string, since: string, cause: unknown): KernelError {
  return new KernelError("KERNEL_TOO_OLD", `this kernel cannot ${what}`, `use Linux ${since} or later`, { cause });
}
