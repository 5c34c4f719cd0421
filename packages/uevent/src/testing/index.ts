export { readRecords } from "./records.js";
export type { Record } from "./records.js";
