import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { writeInput } from "./corpus.js";
import type { Target } from "./target.js";
import { Work } from "./work.js";
import type { Job, Outcome, Window } from "./work.js";

const INPUT_MAX = 1_048_576; // bytes
const HEAP_MB = 512; // no input is worth more

interface Given {
  readonly job: Job;
  readonly memory: SharedArrayBuffer;
}

/** The whole program: it is told on stdin what to do, and answers with a line of JSON. */
export function main(target: Target): void {
  if (isMainThread) watch();
  else work(target);
}

function windowOn(memory: SharedArrayBuffer): Window {
  return { begun: new Int32Array(memory, 0, 2), input: new Uint8Array(memory, 8) };
}

function work(target: Target): void {
  const { job, memory } = workerData as Given;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- it is no window
  parentPort?.postMessage(new Work(target, windowOn(memory), job).do());
}

/** What does not end, or takes all memory, cannot say so itself. */
function watch(): void {
  const job = JSON.parse(readFileSync(0, "utf8")) as Job;
  const memory = new SharedArrayBuffer(8 + INPUT_MAX);
  const { begun, input } = windowOn(memory);
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: { job, memory } satisfies Given,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const lost = (why: string): void =>
    end(job, { executions: begun[0] ?? 0, kept: 0, edges: 0, finding: { why, bytes: input.slice(0, begun[1]) } });
  let [last, since] = [-1, performance.now()];
  setInterval(() => {
    if (begun[0] !== last) [last, since] = [begun[0] ?? 0, performance.now()];
    else if (performance.now() - since > job.patience * 1000) lost(`it does not end within ${job.patience} s`);
  }, 1000);
  worker.once("message", (outcome: Outcome) => end(job, outcome)).once("error", (error) => lost(String(error)));
}

function end({ findings }: Job, { finding, ...counts }: Outcome): never {
  const file = finding && writeInput(findings, finding.bytes);
  process.stdout.write(`${JSON.stringify({ ...counts, ...(finding && { file, why: finding.why }) })}\n`, () =>
    process.exit(finding ? 1 : 0),
  );
  return undefined as never;
}
