import { execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

import { describe, expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { ROOT } from "../packages.js";
import { until } from "./listener.js";
import { churn } from "./service-churn.js";
import type { Manager } from "./service-churn.js";

const UNIT = join(ROOT, "packages/uevent-bridge/systemd/uevent-bridge@.service");
const CLI = join(ROOT, "packages/uevent-bridge/dist/cli.js");
const SERVICE = "uevent-bridge@box.service";
const RESTARTS = Number(process.env["SYSTEMD_RESTARTS"] ?? 4);
const SEED = Number(process.env["SYSTEMD_SEED"] ?? Date.now() % 1_000_000); // in the name: a run that failed can be repeated
const LOOK_MS = 20;
const PATIENCE = { timeout: 30_000, interval: LOOK_MS };
vi.setConfig({ testTimeout: 60_000 + 5000 * RESTARTS });

const needed = needs("root", "loop devices", "unix-dgram", "cgroup v2", "debian package systemd");

describe(`the unit that is shipped, under systemd (seed ${SEED})`, needed, () => {
  test(`restarted, killed and hung ${RESTARTS} times, it tells all once, in order, byte for byte`, async () => {
    const { heard, said } = await churn(RESTARTS, SEED, (directory, args) => new Systemd(directory, args));
    expect(heard.length).toBeGreaterThan(RESTARTS);
    expect(heard).toEqual(said);
  });
});

/** A systemd of the test's own, with the unit and a drop-in that says where the command is. */
class Systemd implements Manager {
  readonly #cgroup: string;
  readonly #program: ReturnType<typeof spawn>;
  #exchanges = 0;

  constructor(directory: string, args: readonly string[]) {
    this.#cgroup = join(cgroup2(), `uevent-bridge-${basename(directory)}`);
    mkdirSync(this.#cgroup);
    const units = join(directory, "units");
    mkdirSync(join(units, `${SERVICE}.d`), { recursive: true });
    cpSync(UNIT, join(units, basename(UNIT)));
    writeFileSync(join(units, "box.conf"), `ATTACH="${args.join(" ")}"\n`);
    writeFileSync(join(units, `${SERVICE}.d/test.conf`), DROP_IN);
    const file = new URL("systemd.sh", import.meta.url).pathname;
    this.#program = spawn("sh", [file, this.#cgroup, units, SERVICE], { stdio: "ignore" });
  }

  async start(): Promise<void> {
    await this.#isReady();
    expect(await this.#show("NFileDescriptorStore")).toBe("2");
  }

  /** `restart`, by whoever exchanges its version; SIGKILL; SIGSTOP, so that it hangs. */
  async exchange(_random: () => number, meanwhile: () => Promise<void>): Promise<void> {
    const before = await this.#show("MainPID");
    const ways = [["restart"], ["kill", "--signal=KILL"], ["kill", "--signal=STOP"], ["kill", "--signal=KILL"]];
    const way = ways[this.#exchanges++ % ways.length] ?? [];
    const asked = spawn("nsenter", this.#enter("systemctl", ...way, SERVICE), { stdio: "ignore" });
    await meanwhile();
    await vi.waitUntil(async () => asked.exitCode !== null && (await this.#show("MainPID")) !== before, PATIENCE);
    await this.#isReady();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.kill(Number(this.#pid()), "SIGKILL");
    await until(() => this.#program.exitCode !== null || this.#program.signalCode !== null, "systemd ends");
    while (readFileSync(join(this.#cgroup, "cgroup.events"), "latin1").includes("populated 1")) await wait(LOOK_MS);
    for (const path of directoriesBelow(this.#cgroup)) rmdirSync(path);
  }

  async #isReady(): Promise<void> {
    await vi.waitUntil(async () => (await this.#show("ActiveState")) === "active", PATIENCE);
  }

  /** Programs are told meanwhile. */
  async #show(property: string): Promise<string> {
    try {
      const enter = this.#enter("systemctl", "show", SERVICE, `--property=${property}`, "--value");
      return (await promisify(execFile)("nsenter", enter)).stdout.trim();
    } catch {
      return ""; // it does not answer yet
    }
  }

  #enter(...command: readonly string[]): string[] {
    return ["--target", this.#pid(), "--mount", "--pid", ...command];
  }

  /** Of systemd, as it is called here. */
  #pid(): string {
    try {
      return readFileSync(join(this.#cgroup, "init.scope/cgroup.procs"), "latin1").split("\n")[0] ?? "";
    } catch {
      return "";
    }
  }
}

const DROP_IN = `[Unit]
DefaultDependencies=no
[Service]
EnvironmentFile=
EnvironmentFile=/run/systemd/system/box.conf
ExecStart=
ExecStart=${process.execPath} ${CLI} attach %i $ATTACH
WatchdogSec=2
TimeoutAbortSec=1
`;

/** Where cgroups of version 2 are. */
function cgroup2(): string {
  return / (\S+) cgroup2 /.exec(readFileSync("/proc/self/mounts", "latin1"))?.[1] ?? "";
}

/** It too, the lowest first. */
function directoriesBelow(path: string): readonly string[] {
  return execFileSync("find", [path, "-depth", "-type", "d"], { encoding: "utf8" }).split("\n").filter(Boolean);
}
