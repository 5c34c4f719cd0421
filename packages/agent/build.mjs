/**
 * Compiles the programs of this package into a directory, `build` if none is given: `node build.mjs [DIRECTORY]`.
 * `CC` names the compiler, one for another processor too; `CFLAGS` comes last.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

const WARNINGS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror"];

/** No C library is linked: the agent starts where there is none. */
const AGENT =
  `-Os -static -nostdlib -ffreestanding -fno-pie -no-pie -fno-stack-protector -fno-asynchronous-unwind-tables
  -ffunction-sections -fdata-sections -fno-tree-loop-distribute-patterns
  -Wl,--gc-sections,--build-id=none,-z,noexecstack,-s`.split(/\s+/);

/** The same file is for programs of any C library: it names none. */
const SHIM = ["-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-nostdlib", "-Wl,-z,noexecstack,-z,now,-s"];

function sourcesIn(directory) {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter((name) => name.endsWith(".c"));
  return names.sort().map((name) => join(directory, name));
}

function compile(directory, flags, output) {
  const sources = sourcesIn(join(import.meta.dirname, directory));
  if (sources.length === 0) return;
  const [compiler, ...words] = (process.env.CC ?? "cc").split(" ");
  const extra = (process.env.CFLAGS ?? "").split(" ").filter(Boolean);
  const args = [...words, ...WARNINGS, ...flags, "-o", output, ...sources, ...extra];
  const { error, status } = spawnSync(compiler, args, { stdio: "inherit" });
  if (error) throw new Error(`${compiler} cannot be run: set CC to a C compiler, or install one`, { cause: error });
  if (status !== 0) process.exit(1);
}

const target = resolve(import.meta.dirname, process.argv[2] ?? "build");
mkdirSync(target, { recursive: true });
compile("native", AGENT, join(target, "uevent-agent"));
compile("shim", SHIM, join(target, "uevent-shim.so"));
