import { KernelError } from "@uevent-bridge/kernel";

import { ERRNO, errnoName, systemError } from "./errno.js";
import { tooOld } from "./errors.js";
import type { Held } from "./file-lock.js";

/** Where a container finds a directory of the host. */
export type PlacePath = "/run/udev" | "/dev" | "/sys";

const ENGINE = "have its engine bind it in: it is one of the container's mounts";

type Problem = readonly [problem: string, remedy: string];

/** What is wrong with a container's `/run` … */
const RUN: Readonly<Record<number, Problem>> = {
  [ERRNO.ENOENT]: ["its /run is missing", ENGINE],
  [ERRNO.ENOTDIR]: ["its /run is no directory", ENGINE],
  [ERRNO.ELOOP]: ["its /run is a symlink, or its udev", ENGINE],
  [ERRNO.ETIMEDOUT]: ["its /run does not answer", ENGINE],
  [ERRNO.EBUSY]: ["its /run is the host's", ENGINE],
  [ERRNO.EEXIST]: ["there is a udevd's already", "use --netlink kernel, which its udevd hears"],
};

/** … and with its `/dev` or `/sys`. */
const problemsOf = (path: "/dev" | "/sys"): Readonly<Record<number, Problem>> => ({
  [ERRNO.ENOENT]: [`its ${path} is missing`, ENGINE],
  [ERRNO.ENOTDIR]: [`its ${path} is no directory`, ENGINE],
  [ERRNO.ELOOP]: [`its ${path} is a symlink`, ENGINE],
  [ERRNO.ETIMEDOUT]: [`its ${path}, or what is mounted below it, does not answer`, ENGINE],
  [ERRNO.EBUSY]: [
    `what is mounted on its ${path} is mounted on the host's too`,
    `mount --make-private ${path} in it, or ${ENGINE}`,
  ],
});

const PROBLEMS = { "/run/udev": RUN, "/dev": problemsOf("/dev"), "/sys": problemsOf("/sys") } as const;

/** Why who works in a container cannot put a directory of the host there. */
export function refusalInside(pid: number, at: PlacePath, result: number): KernelError {
  if (at !== "/run/udev" || result !== -ERRNO.EACCES) return refusal(pid, at, result);
  const message = `${at} cannot be put into the container of pid ${pid}: its root may make nothing in its /run`;
  return new KernelError("PATH_UNUSABLE", message, ENGINE, { cause: systemError(`making ${at}`, result) });
}

/** Why a directory of the host cannot be put into a container. */
export function refusal(pid: number, at: PlacePath, result: number): KernelError {
  const cause = systemError(`mounting ${at}`, result);
  const what = `${at} cannot be put into the container of pid ${pid}`;
  switch (-result) {
    case ERRNO.ENOSYS:
      return tooOld("mount in another namespace", "5.12", cause);
    case ERRNO.EPERM:
    case ERRNO.EACCES:
      return new KernelError("NO_PRIVILEGE", `${what}: permission is denied`, `run as root, or ${ENGINE}`, { cause });
    default: {
      const [problem, remedy] = PROBLEMS[at][-result] ?? [`the system says ${errnoName(result)}`, ENGINE];
      return new KernelError("PATH_UNUSABLE", `${what}: ${problem}`, remedy, { cause });
    }
  }
}

/** What was put into a container is in it still. */
export function leftBehind(pid: number, at: PlacePath, result: number): KernelError {
  const cause = systemError(`unmounting ${at}`, result);
  const message = `what was put at ${at} of the container of pid ${pid} could not be taken away: the system says ${errnoName(result)}`;
  const remedy = "attach it again, or start the relay again: either takes away what is left";
  return new KernelError("PATH_UNUSABLE", message, remedy, { cause });
}

/** A container has one of ours there, by another name: what covers it would be in its way, and stay behind it. */
export function held(pid: number, at: PlacePath, { holder, about = "another name" }: Held): KernelError {
  const isOurs = holder === process.pid;
  const who = isOurs ? `this relay has put ${about} there` : `another relay (pid ${holder}) holds it, by ${about}`;
  const stop = isOurs ? "detach the container of that name" : `stop that one: kill ${holder}`;
  const remedy = `grant the container of that name what is missing; or ${stop}`;
  return new KernelError("PATH_UNUSABLE", `${at} cannot be put into the container of pid ${pid}: ${who}`, remedy);
}
