export type { DeviceTree, RawDevice, UdevRecord } from "./devices.js";
export type { DirectoryOptions, SocketDirectory, SocketEntry } from "./directory.js";
export { KernelError } from "./errors.js";
export type { KernelErrorCode } from "./errors.js";
export type { Kernel } from "./kernel.js";
export type { Outcome, Peer, Sender, Unsent } from "./sender.js";
export { BATCH_SIZE } from "./source.js";
export type { Batch, Source, SourceOptions } from "./source.js";
export type { Injector, Reader, Target, TargetRef } from "./target.js";
