export { isBaseName } from "./base.js";
export { DeviceView } from "./device-view.js";
export type { DeviceViewOptions } from "./device-view.js";
export type { Found, Ids, Shown } from "./types.js";
