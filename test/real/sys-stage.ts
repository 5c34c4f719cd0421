import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import type { AttachOptions, Container, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";

import { Disk } from "./disk.js";
import type { Inside } from "./inside/inside.js";
import { Runc, withoutUserNamespace } from "./inside/runc.js";
import { System } from "./inside/system.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

/** What runc mounts below a `/sys`. */
const CGROUP = { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro", "nosuid", "noexec"] };

type Running = Inside & AsyncDisposable;

export const CONTAINERS = {
  "unshare, with a user namespace": (): Promise<Running> => System.start(),
  unshare: (): Promise<Running> => System.startPrivileged(),
  "runc, with a user namespace": (directory: string): Promise<Running> => Runc.start(directory, [CGROUP]),
  runc: (directory: string): Promise<Running> => Runc.start(directory, [CGROUP], withoutUserNamespace),
} as const;

export type Kind = keyof typeof CONTAINERS;

/** A relay, a container that runs, a disk with two partitions of which it may see the first, and a disk that it may not see. */
export class SysStage implements AsyncDisposable {
  readonly relay: Relay;
  readonly box: Running;
  readonly whole: string;
  readonly first: string;
  readonly second: string;
  readonly hidden: string;
  readonly directory: string;
  readonly #stack: Stack;

  private constructor(stack: Stack, relay: Relay, box: Running, directory: string, devices: readonly string[]) {
    this.#stack = stack;
    this.relay = relay;
    this.box = box;
    this.directory = directory;
    [this.whole = "", this.first = "", this.second = "", this.hidden = ""] = devices;
  }

  static async start(kind: Kind): Promise<SysStage> {
    const stack = new Stack();
    try {
      const directory = stack.use(temporaryDirectory()).path;
      const loops = stack.use(withLoops(2));
      const [device = "", hidden = ""] = loops.devices;
      const disk = stack.use(new Disk(device, join(directory, "image")));
      const [bundle, runtimeDir] = [join(directory, "box"), join(directory, "run")];
      for (const made of [bundle, runtimeDir]) mkdirSync(made);
      chmodSync(directory, 0o711); // the container's root has to come through
      const box = stack.use(await CONTAINERS[kind](bundle));
      const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir }));
      return new SysStage(stack, relay, box, directory, [...disk.devices, hidden]);
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw error;
    }
  }

  attach(more: Partial<AttachOptions> = {}): Promise<Container> {
    const wish = { name: "box", deliver: { socket: true }, sysfs: "auto", allow: [this.whole], deny: [this.second] };
    return this.relay.attach({ ...wish, pid: this.box.pid, ...more } as AttachOptions);
  }

  /** What is mounted in the container. */
  mounts(): string {
    return readFileSync(`/proc/${this.box.pid}/mountinfo`, "latin1");
  }

  /** What the host has mounted at its `/sys`, and of ours: others may do something elsewhere meanwhile. */
  host(): readonly string[] {
    const lines = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
    return lines.filter((line) => line.includes(" /sys") || line.includes(this.directory));
  }

  /** What programs in it write, line by line. */
  lines(script: string): readonly string[] {
    const written = this.box.run("sh", "-c", `(${script}) 2>/dev/null || true`);
    return written.split("\n").filter((line) => line !== "");
  }

  /** The devices that its programs find, by all ways in which they look for them; its network devices are its own. */
  seen(): Readonly<Record<string, readonly string[]>> {
    const exported = this.lines("udevadm info --export-db").filter((line) => /^P: (?!.*\/net\/)/.test(line));
    return {
      udevadm: exported.map((line) => basename(line.slice(3))).toSorted(),
      lsblk: this.lines("lsblk --all -n -r -o NAME").toSorted(),
      class: this.lines("ls /sys/class/block").toSorted(),
      dev: this.lines("cat /sys/dev/block/*/uevent | sed -n s/^DEVNAME=//p").toSorted(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

/** As `SysStage.seen` finds these devices, and no others. */
export function seenAs(...devices: readonly string[]): ReturnType<SysStage["seen"]> {
  const names = devices.map((devpath) => basename(devpath)).toSorted();
  return { udevadm: names, lsblk: names, class: names, dev: names };
}

/** True if a script fails in a container. */
export function isRefused({ box }: SysStage, script: string): boolean {
  return box.run("sh", "-c", `(${script}) >/dev/null 2>&1; echo $?`).trim() !== "0";
}
