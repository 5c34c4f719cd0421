import type { Keeper } from "@uevent-bridge/linux";
import type { Relay } from "@uevent-bridge/relay";

import { openRelayFrom } from "../nested/open.js";
import type { Io } from "./io.js";
import { showWarnings } from "./warnings.js";

/** Whom a relay hears, and what it shares with others. */
export interface RelayFor {
  /** The directory in which a relay outside this container tells it. */
  readonly from?: string | undefined;
  /** Where it is written who holds a device. */
  readonly stateDir?: string | false;
  /** Aborted, it closes. Default: with the command. */
  readonly signal?: AbortSignal;
  /** Keeps what the kernel says for the relay that comes after. */
  readonly keeper?: Keeper | undefined;
}

/** A relay that ends with the command and says its warnings on stderr. @throws BridgeError */
export async function openRelayFor(io: Io, { from, keeper, ...shared }: RelayFor = {}): Promise<Relay> {
  const kernel = await io.openKernel(undefined, keeper);
  const relay = await openRelayFrom(from, {
    kernel,
    runtimeDir: io.runtime.directory,
    signal: io.signal,
    ...shared,
  });
  relay.on("warning", showWarnings(io));
  relay.on("attached", (container) => container.on("warning", showWarnings(io)));
  return relay;
}
