import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";

import { agentPath } from "@uevent-bridge/agent";
import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import type { BridgeError, Container } from "@uevent-bridge/relay";

import { Program } from "./inside/program.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

/** A container, and relays that run a program of it. */
export class Stage extends Stack {
  readonly warnings: BridgeError[] = [];
  readonly devices: readonly string[];
  readonly system: System;

  private constructor(system: System) {
    super();
    this.devices = this.use(withLoops(2)).devices;
    this.system = this.use(system);
  }

  static async open(): Promise<Stage> {
    return new Stage(await System.start());
  }

  get mine(): string {
    return this.devices[0] ?? "";
  }

  async attach(exec: string, pid = this.system.pid): Promise<Container> {
    const runtimeDir = this.use(temporaryDirectory()).path;
    const relay = this.use(await openRelay({ kernel: openLinux({ agent: agentPath }), runtimeDir }));
    const box = await relay.attach({ name: "box", pid, allow: [this.mine], deliver: { exec } });
    box.on("warning", (warning) => this.warnings.push(warning));
    return box;
  }

  /** Writes a program into the container. */
  script(path: string, text: string): void {
    this.system.write(path, text);
    this.system.run("chmod", "755", path);
  }

  lines(path: string): string[] {
    return this.system.read(path).split("\n").slice(0, -1);
  }

  /** Pids of what runs in the container, as the host counts them, whose program is ours. */
  agents(): string[] {
    return agentsIn(readlinkSync(`/proc/${this.system.pid}/ns/mnt`));
  }
}

/** A process in namespaces of its own, in which it may drop no groups; its uid 0 is the host's. */
export class Plain implements AsyncDisposable {
  readonly pid: number;
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
    this.pid = program.process.pid ?? 0;
  }

  /** `script` says a line when it is ready, and ends with its stdin. */
  static async start(script: string): Promise<Plain> {
    const program = new Program("unshare", ["--user", "--map-root-user", "--net", "--mount", "sh", "-c", script]);
    await until(() => program.lines.length > 0 || program.process.exitCode !== null, "it is ready");
    if (program.process.exitCode !== null) throw new Error(program.stderr);
    return new Plain(program);
  }

  path(path: string): string {
    return `/proc/${this.pid}/root${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.end();
  }
}

export function isWritten(path: string, end: string): boolean {
  return existsSync(path) && readFileSync(path, "utf8").endsWith(end);
}

function agentsIn(mntns: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return (
        readlinkSync(`/proc/${pid}/ns/mnt`) === mntns &&
        readlinkSync(`/proc/${pid}/exe`).startsWith("/memfd:uevent-agent")
      );
    } catch {
      return false; // it has ended
    }
  });
}
