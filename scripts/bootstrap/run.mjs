import { spawn } from "node:child_process";
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { Failure } from "./failure.mjs";
import { inCache } from "./paths.mjs";
import { stamped } from "./stamp.mjs";

const TAIL_LINES = 40;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Until the child has ended, a signal ends both. npm would finish its work first, and that is done again anyway. */
function endTogether(child) {
  const end = (signal) => {
    child.kill("SIGKILL");
    process.stderr.write("stopped\n");
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) process.once(signal, end);
  return () => SIGNALS.forEach((signal) => process.off(signal, end));
}

/** Resolves with true if the command succeeded. Its output goes to the log; it shares the lock. */
function execute({ file, args, cwd, env }, logFile, lock) {
  const log = openSync(logFile, "a");
  const stdio = ["ignore", log, log, lock.fd];
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio });
  closeSync(log);
  const restore = endTogether(child);
  return new Promise((resolve) => {
    child.once("error", (error) => {
      appendFileSync(logFile, `${error.message}\n`); // there is no such program
      resolve(false);
    });
    child.once("exit", (status) => resolve(status === 0));
  }).finally(restore);
}

async function executeAll(step, logFile, lock) {
  for (const command of step.commands()) {
    const worked = await execute(command, logFile, lock);
    if (!worked) return false;
  }
  return step.isFresh?.() ?? true;
}

function failure(step, logFile) {
  const tail = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-TAIL_LINES);
  const end = `${step.label()} failed; the whole log: ${logFile}`;
  return new Failure([...tail, "", end, step.remedy?.()].filter((line) => line !== undefined).join("\n"));
}

function emptyLog({ name }) {
  mkdirSync(inCache("bootstrap"), { recursive: true });
  const logFile = inCache("bootstrap", `${name}.log`);
  writeFileSync(logFile, "");
  return logFile;
}

/** Runs one step with one line for it. @throws Failure if it failed and all else needs it */
export async function runStep(step, lock) {
  const started = performance.now();
  const logFile = emptyLog(step);
  process.stderr.write(`${step.label()} … `);
  const worked = await stamped(step, async () => {
    step.before?.();
    return executeAll(step, logFile, lock);
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.error(worked ? `${seconds} s` : `failed after ${seconds} s`);
  if (worked) return;
  if (!step.optional) throw failure(step, logFile);
  console.error(`  ${step.optional}; the whole log: ${logFile}`);
}
