import type { Kernel } from "@uevent-bridge/kernel";
import type { Listener } from "@uevent-bridge/listener";
import type { CoreOptions, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";

import { listen } from "../listen.js";
import { nestedKernel } from "./kernel.js";

/** Milliseconds for the relay outside to tell all its devices. Where it does not run, or needs longer, they come later. */
const COLDPLUG_MS = 2000;

/**
 * Opens a relay; with `from`, the directory in which a relay outside this container tells it, one that lives on what that one says.
 * @throws BridgeError
 */
export async function openRelayFrom(from: string | undefined, options: CoreOptions): Promise<Relay> {
  if (from === undefined) return openRelay(options);
  const kernel = await openNested(options.kernel, from);
  try {
    return await openRelay({ ...options, kernel });
  } catch (error) {
    kernel.devices.close();
    throw error;
  }
}

async function openNested(real: Kernel, from: string): Promise<Kernel> {
  const listener = await listen({ dir: from });
  await toldAll(listener);
  return nestedKernel(real, listener);
}

function toldAll(listener: Listener): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(resolve, COLDPLUG_MS);
    listener.once("resync", () => {
      clearTimeout(patience);
      resolve();
    });
  });
}
