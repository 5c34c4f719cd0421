import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The inputs of a directory, the shortest first: what a longer one adds is then seen. */
export function readInputs(directory: string): readonly Uint8Array[] {
  mkdirSync(directory, { recursive: true });
  const names = readdirSync(directory).toSorted(); // the same order on each machine
  return names
    .map((name) => new Uint8Array(readFileSync(join(directory, name))))
    .toSorted((a, b) => a.length - b.length);
}

/** Named by what is in it. Returns the path. */
export function writeInput(directory: string, bytes: Uint8Array): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, createHash("sha256").update(bytes).digest("hex").slice(0, 16));
  writeFileSync(path, bytes);
  return path;
}
