import type { DeviceTree } from "./devices.js";
import type { DirectoryOptions, SocketDirectory } from "./directory.js";
import type { Sender } from "./sender.js";
import type { Source, SourceOptions } from "./source.js";
import type { Target, TargetRef } from "./target.js";

/** What this project asks of the operating system. */
export interface Kernel {
  /** The devices of the host. */
  readonly devices: DeviceTree;
  /** Uevents as they are said in the caller's network namespace. @throws KernelError */
  openSource(options: SourceOptions): Source;
  /** @throws KernelError TARGET_GONE, TARGET_NO_NETNS, NO_PRIVILEGE */
  openTarget(ref: TargetRef): Target;
  /** @throws KernelError PATH_UNUSABLE: not a directory, not ours to use, or another relay holds it */
  openDirectory(path: string, options: DirectoryOptions): SocketDirectory;
  openSender(): Sender;
  /** True if udevd runs on the host. */
  udevRuns(): boolean;
}
