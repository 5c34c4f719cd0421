// Text is latin1, one character for one byte: a greater one would become another byte, such as a slash.
const BELOW_DEVICES = /^\/devices(?:\/(?!\.{1,2}(?:\/|$))[^/\0\u0100-\uffff]+)+$/;
const RELATIVE = /^(?!\.{1,2}(?:\/|$))[^/\0\u0100-\uffff]+(?:\/(?!\.{1,2}(?:\/|$))[^/\0\u0100-\uffff]+)*$/;

/** A device path as a path relative to `/sys`; undefined for anything else: nothing outside of `/sys/devices` is asked for. */
export function relativeDevpath(devpath: string): string | undefined {
  return BELOW_DEVICES.test(devpath) ? devpath.slice(1) : undefined;
}

/** True for `size` and `power/control`, false for what leads up or nowhere. */
export function isAttributeName(name: string): boolean {
  return RELATIVE.test(name);
}
