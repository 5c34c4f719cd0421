import { fork, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";

import { bundle } from "./bundle.js";

/** Milliseconds without a word after which a history will not end any more, */
const SILENT_MS = 30_000;
/** and after which the tests will not. */
const TESTS_MS = 120_000;
/** Characters of what they said last. */
const SAID_MAX = 10_000;
/** Of the tests, those are left out that do what the histories do, take long and ask of recorded devices alone, or are about sources. */
const LEFT_OUT = ["simulator", "agreement", "mutants"];

/** Of a source there is another one in its place. */
export type Sources = ReadonlyMap<string, string>;

/** What was seen of histories. */
export interface Seen {
  /** What gave a mutant away; undefined if nothing did. */
  readonly fault: string | undefined;
  /** The marks that were reached. */
  readonly reached: readonly number[];
}

interface Said {
  readonly fault?: string;
  readonly reached?: readonly number[];
}

/**
 * Has histories happen to a relay with these sources, until one shows a fault. Undefined if they are no JavaScript.
 * @param program a file for it, which is gone afterwards
 */
export async function seenInHistories(
  program: string,
  sources: Sources,
  [seeds, steps]: readonly [number, number],
): Promise<Seen | undefined> {
  if (!(await bundle(program, sources))) return undefined;
  try {
    return await watched(program, [`${seeds}`, `${steps}`]);
  } finally {
    rmSync(program);
  }
}

function watched(program: string, args: readonly string[]): Promise<Seen> {
  const child = fork(program, args, {
    execArgv: ["--max-semi-space-size=32", "--max-old-space-size=600"], // what takes all memory is found out before the machine is
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  return new Promise((resolve) => {
    let fault: string | undefined;
    let reached: readonly number[] = [];
    const silent = setTimeout(() => {
      fault = "it does not end";
      child.kill("SIGKILL");
    }, SILENT_MS);
    child.on("message", (said: Said) => {
      silent.refresh();
      fault ??= said.fault;
      ({ reached = reached } = said);
    });
    child.once("close", (status) => {
      clearTimeout(silent);
      if (status !== 0) fault ??= `it ended with ${status}`;
      resolve({ fault, reached });
    });
  });
}

/** Whoever is left of it. */
function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, "SIGKILL");
  } catch {
    // nobody is
  }
}

/**
 * What the tests of the relay and the filter say of this source, if one fails.
 * @param note a file for what they are to be told, which is gone afterwards
 */
export async function failedWith(note: string, file: string, source: string): Promise<string | undefined> {
  writeFileSync(note, JSON.stringify({ file, source }));
  const words = ["run", "--config", "packages/relay/test/mutants/vitest.config.ts", "--root", ".", "--project", "pure"];
  const left = LEFT_OUT.flatMap((name) => ["--exclude", `**/${name}.test.ts`]);
  const quick = ["--no-isolate", "--pool", "threads", "--bail", "1"]; // what is imported once serves all that a thread runs
  const filters = file.includes("packages/filter/") ? ["packages/filter/test"] : []; // nothing there asks the relay
  const tests = [...words, ...quick, ...left, ...filters, "packages/relay/test"];
  const child = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", ...tests], {
    env: { ...process.env, MUTANT: note, CI: "1" },
    stdio: ["ignore", "pipe", "ignore"],
    detached: true, // with those that it starts: one in an endless loop hears of nothing
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-SAID_MAX)));
  const status = await new Promise<number | null>((resolve) => {
    const late = setTimeout(() => endGroup(child.pid), TESTS_MS);
    child.once("exit", (code) => {
      clearTimeout(late);
      resolve(code);
    });
  });
  endGroup(child.pid);
  rmSync(note);
  return status === 0 ? undefined : `it ended with ${status}\n${said}`;
}
