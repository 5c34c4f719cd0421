import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import type { Database } from "../report.js";
import { parseDatabase } from "./udevadm.js";

/** Waits until the host's udevd has nothing to do. */
export function settleUdev(): void {
  execFileSync("udevadm", ["settle"]);
}

/** Whether it has something to do. */
export function isUdevBusy(): boolean {
  return existsSync("/run/udev/queue");
}

/** What the host's udevd knows. */
export function readDatabase(): Database {
  return parseDatabase(execFileSync("udevadm", ["info", "--export-db"], { encoding: "utf8" }));
}

/** What the test on the real machine reads, where this one ends. @param program whose report it is */
export function writeReport(program: string, report: object): void {
  writeFileSync(`/share/${program}.json`, JSON.stringify(report));
}

/** How often things are to be done. */
export function roundsOf(): number {
  return Number(/ vm\.rounds=(\d+)/.exec(readFileSync("/proc/cmdline", "latin1"))?.[1] ?? 1);
}
