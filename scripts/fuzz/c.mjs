import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { inCache, inTree } from "../bootstrap/paths.mjs";
import { runProgram } from "./program.mjs";

const CLANG = process.env["CLANG"] ?? "clang";
const FLAGS =
  "-std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror -Wno-unused-function -g -O1 -pthread".split(" ");
const SANITIZERS = "-fno-sanitize-recover=all -fno-omit-frame-pointer".split(" ");
const ENVIRONMENT = {
  ASAN_OPTIONS: "detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=0:handle_abort=1",
  UBSAN_OPTIONS: "print_stacktrace=1",
};
const TIMEOUT = 20; // seconds for one input, on a machine that does other things too
const MEMORY_MB = 1024;
const LONGEST = 8192;

/** Who counts the edges: another compiler counts others. */
export function compilerOfC() {
  const { stdout, error } = spawnSync(CLANG, ["--version"], { encoding: "utf8" });
  if (error)
    throw new Error("clang is missing, which has libFuzzer: apt-get install -y clang libclang-rt-14-dev", {
      cause: error,
    });
  return `clang ${/version (\d+)/.exec(stdout)?.[1]} ${process.arch}`;
}

function compile(source, program, sanitizers) {
  mkdirSync(inCache("fuzz/programs"), { recursive: true });
  const args = [...FLAGS, ...SANITIZERS, `-fsanitize=${sanitizers}`, "-I", inTree("packages"), "-o", program, source];
  const { status, stderr } = spawnSync(CLANG, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${source} cannot be compiled:\n${stderr}`);
  return program;
}

/** What the agent's C says of datagrams, for the one target that compares. */
export function compileVerdicts() {
  return compile(
    inTree("test/fuzz/native/verdicts/verdicts.c"),
    inCache("fuzz/programs/verdicts"),
    "address,undefined",
  );
}

/** Runs a target of libFuzzer. */
export async function runC(source, { corpus, found, findings }, { mode, seconds, seed, file }) {
  const program = compile(source, inCache("fuzz/programs", basename(source, ".c")), "fuzzer,address,undefined");
  for (const directory of [corpus, found, findings]) mkdirSync(directory, { recursive: true });
  const start = (...args) =>
    runProgram(
      program,
      [`-artifact_prefix=${findings}/`, `-timeout=${TIMEOUT}`, `-rss_limit_mb=${MEMORY_MB}`, ...args],
      { env: ENVIRONMENT },
    );
  if (mode === "replay") return outcomeOf(await start("-runs=1", file), findings);
  if (mode === "minimise") await minimise(start, corpus, found);
  const kept = outcomeOf(await start("-runs=0", corpus), findings);
  if (mode === "minimise" || kept.file !== undefined) return kept;
  const limits = [
    `-max_total_time=${Math.ceil(seconds)}`,
    `-seed=${seed}`,
    `-max_len=${LONGEST}`,
    "-print_final_stats=1",
  ];
  return { ...outcomeOf(await start(...limits, found, corpus), findings), kept: kept.kept };
}

async function minimise(start, corpus, found) {
  const needed = `${corpus}.new`;
  rmSync(needed, { recursive: true, force: true });
  mkdirSync(needed);
  const { status, stderr } = await start("-merge=1", "-use_counters=0", needed, corpus, found);
  if (status !== 0) throw new Error(stderr);
  rmSync(corpus, { recursive: true });
  renameSync(needed, corpus);
  for (const name of readdirSync(corpus)) renameSync(join(corpus, name), join(corpus, name.slice(0, 16)));
}

function outcomeOf({ stderr, status }, findings) {
  const numbers = Array.from(stderr.matchAll(/\bcov: (\d+)/g), ([, number]) => Number(number));
  const executions = Number(
    /stat::number_of_executed_units: (\d+)/.exec(stderr)?.[1] ?? /^#(\d+).*DONE/m.exec(stderr)?.[1] ?? 0,
  );
  const edges = numbers.at(-1) ?? 0;
  if (status === 0) return { executions, kept: edges, edges };
  const file = /Test unit written to (.*)$/m.exec(stderr)?.[1] ?? /^Running: (.*)$/m.exec(stderr)?.[1] ?? findings;
  return { executions, kept: 0, edges, file, why: stderr.slice(-6000) };
}
