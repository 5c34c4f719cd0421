// Compiles the core with its tests for the sanitizers, and runs them. `CC` names the compiler.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const native = fileURLToPath(new URL("..", import.meta.url));
const sources = ["core", "test"].flatMap((directory) =>
  readdirSync(join(native, directory), { encoding: "utf8" })
    .filter((name) => name.endsWith(".c"))
    .map((name) => join(native, directory, name)),
);
const flags = [
  "-std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror -g -O1 -pthread",
  "-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer",
].join(" ");

function run(program, args) {
  const { status, error } = spawnSync(program, args, { stdio: "inherit", env: { ...process.env, ...options } });
  if (error) throw error;
  return status ?? 1;
}

const options = { ASAN_OPTIONS: "detect_stack_use_after_return=1:strict_string_checks=1" };
const directory = mkdtempSync(join(tmpdir(), "uevent-bridge-asan-"));
const program = join(directory, "core");
try {
  process.exitCode =
    run(process.env.CC ?? "cc", [...flags.split(" "), "-o", program, ...sources, "-lm"]) || run(program, []);
} finally {
  rmSync(directory, { recursive: true });
}
