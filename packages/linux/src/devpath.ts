const BELOW_DEVICES = /^\/devices(?:\/(?!\.{1,2}(?:\/|$))[^/\0]+)+$/;
const RELATIVE = /^(?!\.{1,2}(?:\/|$))[^/\0]+(?:\/(?!\.{1,2}(?:\/|$))[^/\0]+)*$/;

/** A device path as a path relative to `/sys`; undefined for anything else: nothing outside of `/sys/devices` is asked for. */
export function relativeDevpath(devpath: string): string | undefined {
  return BELOW_DEVICES.test(devpath) ? devpath.slice(1) : undefined;
}

/** True for `size` and `power/control`, false for what leads up or nowhere. */
export function isAttributeName(name: string): boolean {
  return RELATIVE.test(name);
}

/** The last segment. */
export function sysnameOf(devpath: string): string {
  return devpath.slice(devpath.lastIndexOf("/") + 1);
}
