import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";

declare module "vitest" {
  interface TaskMeta {
    /** Why the test is skipped here; test/reporter.ts counts it under this. */
    skipped?: string;
  }
}

/** What a test may need of the machine: whether it is here, found by trying, and what brings it. */
const NEEDS = {
  root: { met: () => process.getuid?.() === 0, remedy: "run as root" },
  "user namespaces": {
    met: () => succeeds("unshare", "--user", "--map-root-user", "--net", "true"),
    remedy: "sysctl kernel.unprivileged_userns_clone=1, or run as root",
  },
  "loop devices": {
    met: () => writable("/dev/loop-control"),
    remedy: "modprobe loop, and run as root",
  },
  "zram devices": {
    met: () => writable("/sys/class/zram-control/hot_remove"),
    remedy: "modprobe zram, and run as root",
  },
  FUSE: { met: () => writable("/dev/fuse"), remedy: "modprobe fuse, and run as root" },
  cgroups: {
    met: () => ["/sys/fs/cgroup/pids", "/sys/fs/cgroup/cgroup.procs"].some(writable),
    remedy: "mount /sys/fs/cgroup, and run as root",
  },
  "cgroup v2": {
    met: () => /^\S+ (\S+) cgroup2 rw/m.test(readFileSync("/proc/self/mounts", "latin1")),
    remedy: "mount a cgroup2, and run as root",
  },
  "a compiler": { met: () => succeeds("cc", "--version"), remedy: "apt-get install -y build-essential python3" },
  "Debian's archive": {
    met: () => succeeds("apt-get", "download", "--print-uris", "busybox"),
    remedy: "let apt-get download reach it (apt-get update)",
  },
  "unix-dgram": { met: () => loads("unix-dgram"), remedy: "see .cache/bootstrap/unix-dgram.log" },
} as const;

export type Need = keyof typeof NEEDS | `debian package ${string}`;

/**
 * Options for `test` and `describe`, their second argument: skipped, with the reason, on a machine that lacks something.
 *
 * @example
 * test("hears a loop device come", needs("root", "loop devices"), async () => { … });
 */
export function needs(...wanted: readonly Need[]): { skip: boolean; meta: { skipped?: string } } {
  const lacking = wanted.find((need) => !isMet(need));
  return lacking === undefined
    ? { skip: false, meta: {} }
    : { skip: true, meta: { skipped: `needs ${lacking}: ${remedyFor(lacking)}` } };
}

const known = (need: Need): need is keyof typeof NEEDS => need in NEEDS;

const packageName = (need: Need): string => need.replace("debian package ", "");

function isMet(need: Need): boolean {
  return known(need) ? NEEDS[need].met() : installed(packageName(need));
}

function remedyFor(need: Need): string {
  return known(need) ? NEEDS[need].remedy : `apt-get install -y ${packageName(need)}`;
}

function installed(name: string): boolean {
  const query = spawnSync("dpkg-query", ["--show", "--showformat=${db:Status-Status}", name], { encoding: "utf8" });
  return query.stdout === "installed"; // a package that was removed is known too
}

function succeeds(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function loads(module: string): boolean {
  try {
    createRequire(import.meta.url)(module);
    return true;
  } catch {
    return false;
  }
}
