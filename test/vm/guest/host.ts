import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

import type { Database } from "../report.js";
import { parseDatabase } from "./udevadm.js";

/** Waits until the host's udevd has nothing to do. */
export function settleUdev(): void {
  execFileSync("udevadm", ["settle"]);
}

/** What the host's udevd knows. */
export function readDatabase(): Database {
  return parseDatabase(execFileSync("udevadm", ["info", "--export-db"], { encoding: "utf8" }));
}

/** What the test on the real machine reads, where this one ends. */
export function writeReport(report: object): void {
  writeFileSync("/share/report.json", JSON.stringify(report));
}
