import { FILTER } from "./equivalent/filter.js";
import { OUTLETS_AND_UDEV } from "./equivalent/outlets-and-udev.js";
import { RELAY } from "./equivalent/relay.js";

/** Mutants that nobody can notice, by their names, and why. */
export const EQUIVALENT: Readonly<Record<string, string>> = { ...FILTER, ...OUTLETS_AND_UDEV, ...RELAY };
