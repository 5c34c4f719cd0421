import type { BridgeError } from "@uevent-bridge/relay";

import { sentence } from "./failure.js";
import type { Io } from "./io.js";

/** What goes wrong and stops nothing is said on stderr. */
export function showWarnings(io: Io): (warning: BridgeError) => void {
  return ({ message, remedy }) => void io.stderr.write(sentence(`warning: ${message}`, remedy));
}
