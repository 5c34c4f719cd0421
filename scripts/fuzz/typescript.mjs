import { mkdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { inCache } from "../bootstrap/paths.mjs";
import { compileVerdicts } from "./c.mjs";
import { bundle } from "./counted.mjs";
import { runProgram } from "./program.mjs";

const PATIENCE = 20; // seconds for one input, on a machine that does other things too

/** Runs a target in a process of its own. */
export async function runTypeScript(source, { corpus, found, findings }, { mode, seconds, seed, file }) {
  const { code, words } = await bundle(source);
  const program = inCache("fuzz/programs", `${basename(source)}.mjs`);
  mkdirSync(inCache("fuzz/programs"), { recursive: true });
  writeFileSync(program, code);
  const job = { mode, seconds, seed, file, patience: PATIENCE, corpus, found, findings, words };
  const { stdout, stderr } = await runProgram(process.execPath, [program], {
    input: JSON.stringify(job),
    env: code.includes("FUZZ_VERDICTS") ? { FUZZ_VERDICTS: compileVerdicts() } : {},
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new Error(`${source} did not answer:\n${stderr}`);
  return JSON.parse(line);
}
