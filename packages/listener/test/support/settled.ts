import { setImmediate } from "node:timers/promises";

/** More than a socket's queue holds: unix-dgram reads one datagram on each turn of the event loop. */
const TURNS = 32;

/** Resolves when all that was sent within this process has arrived. */
export async function settled(): Promise<void> {
  for (let i = 0; i < TURNS; i++) await setImmediate();
}
