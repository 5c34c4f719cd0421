import type * as listener from "@uevent-bridge/listener";
import type { Listener, ListenerError, ListenOptions, RawListener } from "@uevent-bridge/listener";
import { BridgeError } from "@uevent-bridge/relay";

/**
 * Listens inside a container to what the relay tells it. Needs the optional package `@uevent-bridge/listener`.
 *
 * @throws BridgeError ADDON_MISSING: it is not installed, or not compiled; PATH_UNUSABLE
 */
export function listen(options: ListenOptions = {}): Promise<Listener> {
  return withListener(({ listen }) => listen(options));
}

/** The same as datagrams in the kernel's form. */
export function listenRaw(options: ListenOptions = {}): Promise<RawListener> {
  return withListener(({ listenRaw }) => listenRaw(options));
}

async function withListener<T>(open: (package_: typeof listener) => Promise<T>): Promise<T> {
  const loaded = await loadListener();
  try {
    return await open(loaded);
  } catch (error) {
    throw error instanceof loaded.ListenerError ? ofListener(error) : error;
  }
}

function ofListener(error: ListenerError): Error {
  const { code, message, remedy } = error;
  return code === "VERSION_MISMATCH" ? error : new BridgeError(code, message, { remedy, cause: error });
}

async function loadListener(): Promise<typeof listener> {
  try {
    return await import("@uevent-bridge/listener");
  } catch (cause) {
    throw new BridgeError("ADDON_MISSING", "the package @uevent-bridge/listener cannot be loaded", {
      remedy:
        "Install it: npm install @uevent-bridge/listener. It compiles unix-dgram: make and a C++ compiler are needed.",
      cause,
    });
  }
}
