export { DeviceView } from "./device-view.js";
export type { DeviceViewOptions, Found, Ids, Shown } from "./device-view.js";
