export { openLinux } from "./open-linux.js";
export type { LinuxOptions } from "./options.js";
