import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { until } from "../listener.js";
import { Inside, readersOf } from "./inside.js";
import { Program } from "./program.js";
import { config, makeRootfs } from "./runc.js";

const CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_ADMIN", "CAP_SYS_ADMIN"];
/** crun takes a machine that has cgroups of both versions for one of version 2, and fails: here it sees those of version 1. */
const WITHOUT_V2 = 'umount /sys/fs/cgroup/unified 2>/dev/null; exec crun --cgroup-manager=cgroupfs "$@"';

const RUNTIMES = {
  runc: ["runc"],
  crun: ["unshare", "--mount", "sh", "-c", WITHOUT_V2, "crun"],
} as const;
export type Runtime = keyof typeof RUNTIMES;

export interface FilteredOptions {
  readonly runtime: Runtime;
  /** Where its files are made. */
  readonly directory: string;
  /** A part of config.json. */
  readonly seccomp: object;
  /** The process in whose network namespace its uevent sockets are. */
  readonly holder: () => number;
}

/** A container without a user namespace of its own, whose programs an OCI runtime starts with a seccomp filter. */
export class Filtered extends Inside implements AsyncDisposable {
  readonly #options: FilteredOptions;
  readonly #id: string;
  readonly #program: Program;

  private constructor(pid: number, options: FilteredOptions, id: string, program: Program) {
    super(pid);
    this.#options = options;
    this.#id = id;
    this.#program = program;
  }

  static async start(options: FilteredOptions): Promise<Filtered> {
    const { directory, seccomp } = options;
    const bundle = join(directory, "bundle");
    mkdirSync(bundle);
    makeRootfs(directory, join(bundle, "rootfs"));
    writeFileSync(join(bundle, "config.json"), JSON.stringify(configWith(seccomp)));
    const id = `uevent-bridge-test-${randomUUID()}`;
    const pidFile = join(directory, "pid");
    const program = command(options, "run", "--bundle", bundle, "--pid-file", pidFile, id);
    const pid = (): number => (existsSync(pidFile) ? Number(readFileSync(pidFile, "latin1")) : 0);
    await until(() => pid() > 0 || program.process.exitCode !== null, "it starts"); // crun makes the file, and then writes it
    if (program.process.exitCode !== null) throw new Error(program.stderr);
    return new Filtered(pid(), options, id, program);
  }

  override start(...words: readonly string[]): Program {
    return command(this.#options, "exec", this.#id, ...words);
  }

  override run(...words: readonly string[]): string {
    const [file, ...args] = wordsOf(this.#options, "exec", this.#id, ...words);
    return execFileSync(file, args, { encoding: "utf8" });
  }

  override write(path: string, text: string): void {
    writeFileSync(`/proc/${this.pid}/root${path}`, text);
  }

  override readers(group: 1 | 2 = 1): number {
    return readersOf(this.#options.holder(), group);
  }

  /** Its first process ends with its stdin; what started it then takes it away. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.end();
  }
}

function command(options: FilteredOptions, ...args: readonly string[]): Program {
  const [file, ...rest] = wordsOf(options, ...args);
  return new Program(file, rest);
}

function wordsOf({ runtime, directory }: FilteredOptions, ...args: readonly string[]): [string, ...string[]] {
  const [file, ...words] = RUNTIMES[runtime];
  return [file, ...words, "--root", join(directory, "state"), ...args];
}

function configWith(seccomp: object): object {
  const base = config([]);
  const capabilities = { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES };
  return {
    ...base,
    process: { ...base.process, capabilities },
    linux: {
      namespaces: base.linux.namespaces.filter(({ type }) => type !== "user"),
      devices: [],
      seccomp,
    },
  };
}
