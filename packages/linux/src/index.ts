export { openLinux } from "./open-linux.js";
export type { LinuxKernel, LinuxSource } from "./open-linux.js";
export type { LinuxOptions } from "./options.js";
export type { Keeper } from "./kept-source.js";
export { probe } from "./probe.js";
export type { Abilities } from "./probe.js";
export { Service } from "./service.js";
export type { ServiceOptions } from "./service.js";
