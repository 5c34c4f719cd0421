import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of the bench's own, removed when the process ends, by Ctrl-C too. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "uevent-bridge-bench-"));
  process.once("exit", () => rmSync(path, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  return path;
}
