import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { Failure } from "./failure.mjs";
import { inCache } from "./paths.mjs";
import { stamped } from "./stamp.mjs";

const TAIL_LINES = 40;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Ends this process by the signal that ended its child's work, as a shell would. */
function passOn(child) {
  const forward = (signal) => {
    child.kill(signal);
    child.once("exit", () => process.exit(128 + constants.signals[signal]));
  };
  for (const signal of SIGNALS) process.once(signal, forward);
  return () => SIGNALS.forEach((signal) => process.off(signal, forward));
}

/** Resolves with true if the command succeeded. Its output goes to the log. */
function execute({ file, args, cwd, env }, logFile) {
  const log = openSync(logFile, "a");
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", log, log] });
  closeSync(log);
  const restore = passOn(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status) => resolve(status === 0));
  }).finally(restore);
}

function failure(step, logFile) {
  const tail = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-TAIL_LINES);
  return new Failure([...tail, "", `${step.label()} failed; the whole log: ${logFile}`].join("\n"));
}

/** Runs one step with one line for it. @throws Failure if it failed and is needed */
export async function runStep(step) {
  const started = performance.now();
  const logFile = inCache("bootstrap", `${step.name}.log`);
  mkdirSync(inCache("bootstrap"), { recursive: true });
  closeSync(openSync(logFile, "w"));
  process.stderr.write(`${step.label()} … `);
  let worked = false;
  await stamped(step, async () => {
    step.before?.();
    worked = await execute(step.command(), logFile);
    if (!worked) throw failure(step, logFile);
  })
    .catch((error) => {
      if (!step.optional) throw error;
    })
    .finally(() => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stderr.write(worked ? `${seconds} s\n` : `failed after ${seconds} s\n`);
      if (!worked && step.optional) process.stderr.write(`${step.optional}; the whole log: ${logFile}\n`);
    });
}
