import { openRelay } from "@uevent-bridge/relay";
import type { Relay } from "@uevent-bridge/relay";

import type { Io } from "./io.js";
import { showWarnings } from "./warnings.js";

/** A relay that ends with the command and says its warnings on stderr. @throws BridgeError */
export async function openRelayFor(io: Io): Promise<Relay> {
  const kernel = await io.openKernel();
  const relay = await openRelay({ kernel, runtimeDir: io.runtime.directory, signal: io.signal });
  relay.on("warning", showWarnings(io));
  relay.on("attached", (container) => container.on("warning", showWarnings(io)));
  return relay;
}
