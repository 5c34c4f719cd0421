import { setImmediate } from "node:timers/promises";

import { SOCKET_QUEUE } from "../../../../test/socket-queue.js";

/** unix-dgram reads one datagram on each turn of the event loop. */
const TURNS = SOCKET_QUEUE + 20;

/** Resolves when all that was sent within this process has arrived. */
export async function settled(): Promise<void> {
  for (let i = 0; i < TURNS; i++) await setImmediate();
}
