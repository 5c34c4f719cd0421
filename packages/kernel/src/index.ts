export type { DeviceDirectory, DeviceEntry, NoNodes } from "./device-directory.js";
export { deviceNameParts } from "./device-name.js";
export type { Access, DeviceNumber, DeviceRights } from "./device-rights.js";
export type { DeviceTree, RawDevice, UdevRecord } from "./devices.js";
export type { DirectoryOptions, SocketDirectory, SocketEntry } from "./directory.js";
export { KernelError, asKernelError, remedyFor } from "./errors.js";
export type { KernelErrorCode } from "./errors.js";
export type { Helper, HelperOptions } from "./helper.js";
export type { DeviceId, Holder, Holders } from "./holders.js";
export { Hole } from "./hole.js";
export type {
  DirectoryInside,
  EntryInside,
  NodeInside,
  PlaceInside,
  Program,
  ProgramSocket,
  UdevInside,
} from "./inside.js";
export type { Ledger, LedgerEntry, LedgerText, Mark, Sent } from "./ledger.js";
export { SENT_BYTES } from "./ledger.js";
export type { Kernel } from "./kernel.js";
export type { Outcome, Peer, Sender, Unsent } from "./sender.js";
export type { Shadow } from "./shadow.js";
export { BATCH_SIZE } from "./source.js";
export type { Batch, Source, SourceOptions } from "./source.js";
export type { SysDirectory } from "./sys-directory.js";
export type { Injector, Left, Reader, Target, TargetRef, UeventGroup } from "./target.js";
export type { UdevDirectory, UdevEntry } from "./udev-directory.js";
export { udevId } from "./udev-id.js";
