import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

/** A directory as a container has it, empty, which goes when the test ends. */
export function containerDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), "ue-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** One whose path is too long for a socket. */
export function longContainerDirectory(): string {
  const dir = join(containerDirectory(), "x".repeat(120));
  mkdirSync(dir);
  return dir;
}
