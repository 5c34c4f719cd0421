import type { DeviceTree, DirectoryOptions, Source, SourceOptions, SysDirectory } from "@uevent-bridge/kernel";

import type { AttributeReader } from "./attributes.js";
import type { DeviceDirectoryTools } from "./dev/device-directory.js";

/** What a target needs of its kernel. */
export interface TargetTools extends DeviceDirectoryTools {
  readonly attributes: AttributeReader;
  readonly openSysDirectory: (path: string, owner: DirectoryOptions) => SysDirectory;
  readonly enteredReceiveBuffer: number; // bytes
  /** Finds the program uevent-agent. */
  readonly agent: (() => string) | undefined;
  /** The same in the caller's own network namespace, for which no privilege is needed. */
  readonly openOwnSource: (options: SourceOptions) => Source;
  readonly openOwnDevices: () => DeviceTree;
}
