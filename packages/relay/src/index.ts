export { BridgeError, asBridgeError } from "./errors.js";
export type { ErrorCode } from "./errors.js";
export { DEFAULT_LIMITS } from "./limits.js";
export type { Limits } from "./limits.js";
export type * from "./types.js";
export { openRelay } from "./relay.js";
export type { CoreOptions } from "./relay.js";
export { isFromKernel } from "./trust.js";
export { checkName } from "./warnings.js";
