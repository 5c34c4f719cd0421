export { DeviceView } from "./device-view.js";
export type { DeviceViewOptions, Ids, Shown } from "./device-view.js";
