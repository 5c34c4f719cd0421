import { createInterface } from "node:readline";

/** Asks a relay of ours how many bytes it holds, and for nothing else. */
export const HELD = -1;

/** What a round did: how many, and a sum over them that shows what was worked on. */
export interface Done {
  readonly count: number;
  readonly sum: number;
  /** In ns, of each, for programs that note it. */
  readonly times?: readonly number[];
}

/** Answers as the programs in C do: native/worker.h. Returns when whoever started this program goes. */
export async function serve(work: (count: number) => Promise<Done> | Done): Promise<void> {
  process.stdout.write("ready\n");
  for await (const line of createInterface({ input: process.stdin })) {
    const start = markNow();
    const { count, sum, times = [] } = await work(Number(line));
    process.stdout.write(`${[start, markNow(), count, sum, ...times].join(" ")}\n`);
  }
}

/** `clock cpu`, in ns. */
function markNow(): string {
  const { user, system } = process.cpuUsage();
  return `${process.hrtime.bigint()} ${(user + system) * 1000}`;
}
