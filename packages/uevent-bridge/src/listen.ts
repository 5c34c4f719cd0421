import type * as listener from "@uevent-bridge/listener";
import type { Listener, ListenOptions, RawListener } from "@uevent-bridge/listener";
import { BridgeError } from "@uevent-bridge/relay";

/**
 * Listens inside a container to what the relay tells it. Needs the optional package `@uevent-bridge/listener`.
 *
 * @throws BridgeError ADDON_MISSING: it is not installed
 * @throws ListenerError PATH_UNUSABLE
 */
export async function listen(options: ListenOptions = {}): Promise<Listener> {
  return (await loadListener()).listen(options);
}

/** The same as datagrams in the kernel's form. */
export async function listenRaw(options: ListenOptions = {}): Promise<RawListener> {
  return (await loadListener()).listenRaw(options);
}

async function loadListener(): Promise<typeof listener> {
  try {
    return await import("@uevent-bridge/listener");
  } catch (cause) {
    throw new BridgeError("ADDON_MISSING", "the package @uevent-bridge/listener cannot be loaded", {
      remedy:
        "Install it: npm install @uevent-bridge/listener. It compiles unix-dgram, so it needs make and a C++ compiler.",
      cause,
    });
  }
}
