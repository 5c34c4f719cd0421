import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of the bench's own, removed when the process ends, by Ctrl-C too. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "uevent-bridge-bench-"));
  process.once("exit", () => {
    endChildren(); // a relay that still attaches its containers would go on making directories
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  return path;
}

function endChildren(): void {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "latin1").trim().split(" ");
  for (const pid of children.filter((each) => each !== "")) process.kill(Number(pid), "SIGKILL");
}
