import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import type { DeviceDirectory, DeviceEntry, Target } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";

import type { Inside } from "./inside/inside.js";
import type { System } from "./inside/system.js";
import { temporaryDirectory } from "./temporary.js";

type Node = Extract<DeviceEntry, { kind: "node" }>;

const MOUNT_DEV = `mkdir /dev/pts /dev/shm && ln -s pts/ptmx /dev/ptmx &&
  mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts /dev/pts &&
  mount -t tmpfs -o mode=1777 tmpfs /dev/shm`;

/** What the nodes here read as: /dev/zero, by whatever name. */
export const ZERO = { kind: "node", type: "char", major: 1, minor: 5 } as const;

/** A container that runs, and a `/dev` that is to be put into it. */
export class DevStage<I extends Inside> implements AsyncDisposable {
  readonly inside: I;
  readonly target: Target;
  readonly directory: DeviceDirectory;
  readonly #temporary: ReturnType<typeof temporaryDirectory>;

  private constructor(
    inside: I,
    target: Target,
    directory: DeviceDirectory,
    temporary: ReturnType<typeof temporaryDirectory>,
  ) {
    this.inside = inside;
    this.target = target;
    this.directory = directory;
    this.#temporary = temporary;
  }

  /** @param start starts the container, with files of its own in a directory; `dev` is what can be bound in */
  static async start<I extends Inside>(start: (directory: string, dev: string) => Promise<I>): Promise<DevStage<I>> {
    const temporary = temporaryDirectory();
    const kernel = openLinux({ lockDirectory: join(temporary.path, "locks") });
    const directory = kernel.openDeviceDirectory(join(temporary.path, "box.dev"), { uid: 0, gid: 0 });
    try {
      const inside = await start(temporary.path, directory.path);
      return new DevStage(inside, kernel.openTarget({ pid: inside.pid }), directory, temporary);
    } catch (error) {
      directory.close();
      temporary[Symbol.dispose]();
      throw error;
    }
  }

  /** Puts a node of the container's root there, which nobody else may open. */
  put(name: string, { type, major, minor }: Pick<Node, "type" | "major" | "minor"> = ZERO): void {
    this.directory.put(name, { kind: "node", type, major, minor, mode: 0o600, ...this.target.user });
  }

  /** What is mounted in the container. */
  mounts(): string {
    return readFileSync(`/proc/${this.inside.pid}/mountinfo`, "latin1");
  }

  /** What is noted about the directory. */
  lock(): string {
    const locks = join(this.#temporary.path, "locks");
    return readdirSync(locks)
      .map((name) => readFileSync(join(locks, name), "utf8"))
      .join("");
  }

  /** What the host has at its `/dev`, and of ours: others may do something elsewhere meanwhile. */
  host(): unknown {
    const { dev, ino } = statSync("/dev");
    const lines = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
    const mounts = lines.filter((line) => line.includes(" /dev") || line.includes(this.#temporary.path));
    return { dev, ino, mounts, names: readdirSync("/dev").filter((name) => !/^(loop|zram)/.test(name)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.target.close();
    if (Symbol.asyncDispose in this.inside) await (this.inside as unknown as AsyncDisposable)[Symbol.asyncDispose]();
    this.directory.close();
    this.#temporary[Symbol.dispose]();
  }
}

/** With what runtimes mount in a `/dev`. */
export async function withDev(starting: Promise<System>): Promise<System> {
  const system = await starting;
  system.run("sh", "-c", MOUNT_DEV);
  return system;
}

const NULL = { type: "char", major: 1, minor: 3 } as const;

/** The names of `putBase`. */
export const BASE = ["mine", "mqueue", "null", "ptmx", "pts", "shm"];

/** What a container's `/dev` has beside devices. */
export function putBase(stage: DevStage<Inside>): void {
  const { directory } = stage;
  stage.put("mine");
  stage.put("null", NULL);
  for (const name of ["pts", "shm", "mqueue"]) directory.put(name, { kind: "directory" });
  directory.put("ptmx", { kind: "link", target: "pts/ptmx" });
}

/** Of what is in its `/dev`. */
export const namesIn = (inside: Inside): readonly string[] => inside.run("ls", "/dev").trim().split("\n");

/** With the names at which something is mounted in a `/dev`, by `/proc/PID/mountinfo`. */
export function withMounted(names: readonly string[], mounts: string): readonly string[] {
  const mounted = mounts.split("\n").map((line) => /^\/dev\/([^/]+)/.exec(line.split(" ")[4] ?? "")?.[1] ?? "");
  return [...new Set([...names, ...mounted.filter((name) => name !== "")])].sort();
}
