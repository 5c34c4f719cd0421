import type { KnownDevice } from "./known-device.js";
import type { Outlet } from "./outlet.js";
import type { Replay } from "./replay.js";

/** What an outlet is to tell, and where it asks for attention. */
export interface View {
  /** The devices that it should be told, parents first. */
  wanted(): Iterable<KnownDevice>;
  /** Outlets that have something to do before the relay waits for the next events. */
  readonly agenda: Set<Outlet>;
  /** What a device's node is called there, if that is not what the kernel calls it. */
  readonly nameOf?: (device: KnownDevice) => string | undefined;
  /** What the relay before did not tell. */
  readonly replay?: Replay;
}
