// Compiles the agent with a C library for the sanitizers, and has its tests use that. What reads datagrams is fuzzed too, in
// test/fuzz/native. `CC` names the compiler.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGE = join(import.meta.dirname, "..");
const FLAGS = `-std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -g -O1 -fsanitize=address,undefined
  -fno-sanitize-recover=all -fno-omit-frame-pointer`.split(/\s+/);
/** What a C library brings. */
const OWN_LIBRARY = ["start.c", "mem.c"];

const ENVIRONMENT = { ASAN_OPTIONS: "detect_leaks=0:detect_stack_use_after_return=1" }; // it ends without a destructor

function run(program, args, env = {}) {
  const options = { stdio: "inherit", cwd: join(PACKAGE, "../.."), env: { ...process.env, ...ENVIRONMENT, ...env } };
  const { status, error } = spawnSync(program, args, options);
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: status ${status}`);
}

const compile = (output, sources) => run(process.env.CC ?? "cc", [...FLAGS, "-o", output, ...sources]);

const native = (names) => names.map((name) => join(PACKAGE, "native", name));
const agent = readdirSync(join(PACKAGE, "native")).filter((name) => name.endsWith(".c") && !OWN_LIBRARY.includes(name));
const place = mkdtempSync(join(tmpdir(), "uevent-bridge-asan-"));
try {
  compile(join(place, "uevent-agent"), native(agent));
  run("npx", ["vitest", "run", "packages/agent/"], { UEVENT_AGENT: join(place, "uevent-agent") });
} finally {
  rmSync(place, { recursive: true });
}
