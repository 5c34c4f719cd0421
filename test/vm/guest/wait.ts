import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 300_000; // the machine is emulated, and may have a small part of a processor
const PAUSE_MS = 200; // to look costs it much

/** Waits until nothing is missing. @param missing says what it waits for; empty: nothing @throws Error it waited too long */
export async function waitUntilNothing(missing: () => string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  console.log(`${process.uptime().toFixed()} s: ${missing().split("\n")[0]}`); // the end of the console says how far it came
  for (let what = missing(); what !== ""; what = missing()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await sleep(PAUSE_MS);
  }
}

/** Waits until it holds. @throws Error it does not in time */
export async function waitFor(what: string, holds: () => boolean): Promise<void> {
  await waitUntilNothing(() => (holds() ? "" : what));
}

const SOON_MS = 40;

/** The same, looking often: it costs nothing to look. @throws Error it does not in time */
export async function waitSoon(what: string | (() => string), holds: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${typeof what === "string" ? what : what()}`);
    await sleep(SOON_MS);
  }
}
