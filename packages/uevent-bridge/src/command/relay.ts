import type { Relay } from "@uevent-bridge/relay";

import { openRelayFrom } from "../nested/open.js";
import type { Io } from "./io.js";
import { showWarnings } from "./warnings.js";

/**
 * A relay that ends with the command and says its warnings on stderr.
 * @param from the directory in which a relay outside this container tells it
 * @throws BridgeError
 */
export async function openRelayFor(io: Io, from?: string): Promise<Relay> {
  const kernel = await io.openKernel();
  const relay = await openRelayFrom(from, { kernel, runtimeDir: io.runtime.directory, signal: io.signal });
  relay.on("warning", showWarnings(io));
  relay.on("attached", (container) => container.on("warning", showWarnings(io)));
  return relay;
}
