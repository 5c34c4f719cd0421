import type { DeviceEntry } from "../../device-directory.js";
import type { Awaitable, TestDev } from "./world.js";

/** A `/dev` that a container has, not of ours. */
export interface TestOwnDev extends Pick<TestDev, "path" | "uid" | "gid"> {
  /** What its programs find there, by name, directories too. */
  entries(): Awaitable<ReadonlyMap<string, DeviceEntry>>;
  /** True if something of ours is at `path`, where it is noted what was put there. */
  exists(): Awaitable<boolean>;
  /** Its root puts an entry there, in the place of what has its name; undefined: removes that. */
  change(name: string, entry: DeviceEntry | undefined): Awaitable<void>;
  /** A relay opens it, puts these there and is killed. */
  leave(entries: Readonly<Record<string, DeviceEntry>>): Awaitable<void>;
}
