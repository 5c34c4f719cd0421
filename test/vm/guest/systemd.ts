import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { openRelay } from "uevent-bridge";

import { Program } from "../../real/inside/program.js";
import type { Openable, SystemdReport } from "../report.js";
import { waitSoon } from "./wait.js";

const CGROUP = "/sys/fs/cgroup/managed";
const SERVICE = `${CGROUP}/system.slice/box.service`;
const UNITS = "/run/units";
const HOLD_MS = 5000; // in which the relay looks after its rights several times
const OPEN = 'echo $$ >"$0/cgroup.procs" && : <"$1"';

/** A service of systemd, of which a relay takes care while its units are read again. */
export async function systemd(): Promise<SystemdReport> {
  mkdirSync(UNITS);
  writeUnit("/dev/kmsg r");
  const manager = new Program("sh", [new URL("systemd.sh", import.meta.url).pathname, CGROUP, UNITS]);
  await waitSoon(() => `systemd starts the service: ${manager.stderr} ${manager.lines.join("\n")}`, isStarted);
  const before = whatOpens();

  await using relay = await openRelay();
  const box = { name: "box", pid: processes()[0] ?? 0, allow: ["sysname=vda"], cgroup: SERVICE, deliver: {} };
  const container = await relay.attach(box);
  const warnings: string[] = [];
  container.on("warning", ({ message }) => void warnings.push(message));
  const attached = whatOpens();

  reload();
  await sleep(HOLD_MS);
  const reloaded = whatOpens();

  writeUnit("/dev/uinput rw");
  reload();
  await sleep(HOLD_MS);
  const changed = whatOpens();

  await container.detach();
  const detached = whatOpens();
  manager.process.kill("SIGKILL");
  return { before, attached, reloaded, changed, detached, warnings };
}

function isStarted(): boolean {
  return existsSync(SERVICE) && processes().length > 0;
}

function processes(): readonly number[] {
  return readFileSync(`${SERVICE}/cgroup.procs`, "latin1").split("\n").filter(Boolean).map(Number);
}

function writeUnit(allowed: string): void {
  const unit = ["[Unit]", "DefaultDependencies=no", "[Service]", "ExecStart=sleep infinity", "DevicePolicy=closed"];
  writeFileSync(`${UNITS}/box.service`, [...unit, `DeviceAllow=${allowed}`, ""].join("\n"));
}

/** As an administrator would, beside that systemd. */
function reload(): void {
  const [first = ""] = readFileSync(`${CGROUP}/init.scope/cgroup.procs`, "latin1").split("\n");
  execFileSync("nsenter", ["--target", first, "--mount", "--pid", "systemctl", "daemon-reload"]);
}

/** What a process in the service's cgroup may open. */
function whatOpens(): Openable {
  return { vda: opens("/dev/vda"), kmsg: opens("/dev/kmsg"), uinput: opens("/dev/uinput") };
}

function opens(path: string): "ok" | "not permitted" {
  const { status, stderr } = spawnSync("sh", ["-c", OPEN, SERVICE, path], { encoding: "utf8" });
  if (status === 0) return "ok";
  if (stderr.includes("Operation not permitted")) return "not permitted";
  throw new Error(stderr);
}
