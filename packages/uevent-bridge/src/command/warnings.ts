import type { Container, Relay } from "@uevent-bridge/relay";

import { sentence } from "./failure.js";
import type { Io } from "./io.js";

/** What goes wrong and stops nothing is said on stderr. */
export function showWarnings(from: Pick<Relay, "on"> | Pick<Container, "on">, io: Io): void {
  const emitter = from as Pick<Relay, "on">; // both have this event
  emitter.on("warning", ({ message, remedy }) => void io.stderr.write(sentence(`warning: ${message}`, remedy)));
}
