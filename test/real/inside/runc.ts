import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { UID_BASE } from "../container.js";
import { until } from "../listener.js";
import { Inside } from "./inside.js";
import { Program } from "./program.js";

const OWN_DIRECTORIES = ["usr", "proc", "sys", "dev", "run", "tmp", "etc"];
const LINKS = ["bin", "sbin", "lib", "lib64"];

/** What makes it: a runtime, the directory in which that keeps its state, and the name that it has there. */
interface Maker {
  readonly runtime: "runc" | "crun";
  readonly state: string;
  readonly id: string;
}

/** A container that runc, or crun, makes of an OCI bundle. */
export class Runc extends Inside implements AsyncDisposable {
  readonly #maker: Maker;
  readonly #program: Program;

  private constructor(pid: number, namespaces: readonly string[], maker: Maker, program: Program) {
    super(pid, namespaces);
    this.#maker = maker;
    this.#program = program;
  }

  /** Makes its files in `directory`. Ids 0 … 65535 are 100000 … on the host. @param change of its configuration */
  static async start(
    directory: string,
    mounts: readonly object[],
    change = (config: OciConfig): OciConfig => config,
    runtime: Maker["runtime"] = "runc",
    seconds?: number,
  ): Promise<Runc> {
    const [bundle, state, pidFile] = ["bundle", "state", "pid"].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    makeRootfs(directory, join(bundle, "rootfs"));
    const spec = change(config(mounts));
    writeFileSync(join(bundle, "config.json"), JSON.stringify(spec));
    const id = `uevent-bridge-test-${randomUUID()}`;
    const program = new Program(runtime, ["--root", state, "run", "--bundle", bundle, "--pid-file", pidFile, id]);
    const isStarted = (): boolean => existsSync(pidFile) && readFileSync(pidFile, "latin1") !== "";
    await until(() => isStarted() || program.process.exitCode !== null, `${runtime} starts it`, seconds);
    if (program.process.exitCode !== null) throw new Error(program.stderr);
    const hasUsers = spec.linux.namespaces.some(({ type }) => type === "user");
    const namespaces = [...(hasUsers ? ["-U"] : []), "-n", "-m", "-p"];
    return new Runc(Number(readFileSync(pidFile, "latin1")), namespaces, { runtime, state, id }, program);
  }

  /** Runs a command in a shell as a process of the container, in its cgroup: what it wrote, to stderr too, then `ok` if it did not fail. */
  exec(command: string): string {
    const { runtime } = this.#maker;
    const { stdout } = spawnSync(runtime, this.#exec("sh", "-c", `{ ${command}; } 2>&1 && echo ok`), {
      encoding: "utf8",
    });
    return stdout;
  }

  /** Starts a script of Python's as a process of the container, in its cgroup. */
  execPython(script: URL, ...args: readonly string[]): Program {
    return new Program(this.#maker.runtime, this.#exec("python3", "-u", "-c", readFileSync(script, "utf8"), ...args));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { runtime, state, id } = this.#maker;
    execFileSync(runtime, ["--root", state, "delete", "--force", id]);
    await this.#program.end();
  }

  #exec(...command: readonly string[]): string[] {
    const { state, id } = this.#maker;
    return ["--root", state, "exec", id, ...command];
  }
}

/** The links of a system whose programs are all in /usr, and directories for what is mounted. */
export function makeRootfs(directory: string, rootfs: string): void {
  chmodSync(directory, 0o711); // the container's root has to come through
  for (const name of OWN_DIRECTORIES) mkdirSync(join(rootfs, name), { recursive: true });
  for (const name of LINKS) symlinkSync(readlinkSync(`/${name}`), join(rootfs, name));
}

/** What tests change of it. */
export interface OciConfig {
  readonly ociVersion: string;
  readonly root: object;
  readonly process: object;
  readonly mounts: readonly object[];
  readonly linux: {
    readonly namespaces: readonly { readonly type: string }[];
    readonly uidMappings?: readonly object[];
    readonly gidMappings?: readonly object[];
    readonly rootfsPropagation?: string;
  };
}

/** What `runc spec` writes, but for what a test needs otherwise. */
export function config(mounts: readonly object[]): OciConfig {
  const tmpfs = (destination: string) => ({ destination, type: "tmpfs", source: "tmpfs", options: ["mode=755"] });
  const ids = [{ containerID: 0, hostID: UID_BASE, size: 65_536 }];
  return {
    ociVersion: "1.0.2",
    root: { path: "rootfs", readonly: true },
    process: {
      cwd: "/",
      user: { uid: 0, gid: 0 },
      args: ["cat"], // until its stdin ends
      env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
    },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro", "nosuid", "noexec", "nodev"] },
      { destination: "/usr", type: "bind", source: "/usr", options: ["rbind", "ro"] },
      ...["/dev", "/run", "/tmp", "/etc"].map(tmpfs),
      ...mounts,
    ],
    linux: {
      namespaces: ["user", "network", "mount", "pid", "ipc", "uts"].map((type) => ({ type })),
      uidMappings: ids,
      gidMappings: ids,
    },
  };
}

export function withoutUserNamespace({ linux, ...config }: OciConfig): OciConfig {
  return { ...config, linux: { namespaces: linux.namespaces.filter(({ type }) => type !== "user") } };
}

/** Its mounts are cut off from the host's before anything is bound in, as crun does it where nothing is said: `rslave` comes too late then. */
export function withPrivateMounts({ linux, ...config }: OciConfig): OciConfig {
  return { ...config, linux: { ...linux, rootfsPropagation: "rprivate" } };
}
