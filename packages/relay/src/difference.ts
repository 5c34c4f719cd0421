import type { KnownDevice } from "./known-device.js";
import type { Change } from "./types.js";

/** What would be told if the second set were wanted instead of the first. */
export function difference(told: ReadonlySet<KnownDevice>, wanted: ReadonlySet<KnownDevice>): Change {
  return { added: devpathsOf(wanted, told), removed: devpathsOf(told, wanted) };
}

function devpathsOf(devices: ReadonlySet<KnownDevice>, except: ReadonlySet<KnownDevice>): string[] {
  return [...devices].filter((device) => !except.has(device)).map(({ devpath }) => devpath);
}

export function isSameSet<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((each) => b.includes(each)));
}
