import type { Facts } from "../facts.js";
import { dropFirst, parsePattern, type Pattern } from "../pattern.js";
import { Piece } from "../piece.js";

const DEV = "/dev/";

/** The last segment of the path. Where a driver's name has a "/", sysfs writes "!": both are its name. */
export function sysnames(device: Facts): string | readonly string[] {
  const raw = device.devpath.slice(device.devpath.lastIndexOf("/") + 1);
  return raw.includes("!") ? [raw, raw.replaceAll("!", "/")] : raw;
}

export function withoutDev(path: string): string {
  return path.startsWith(DEV) ? path.slice(DEV.length) : path;
}

/** People write `/dev/ttyUSB0` and `ttyUSB0`: a pattern for the one is a pattern for the other. */
export function splitDev(value: string): { key: string; pattern: Pattern } {
  const pattern = parsePattern(Piece.ofField(value, "devname"));
  const bare = pattern.map((each) => (each.prefix.startsWith(DEV) ? dropFirst(each, DEV.length) : each));
  return { key: "", pattern: bare };
}

export function isUsbDevice(device: Facts): boolean {
  return device.subsystem === "usb" && device.property("DEVTYPE") === "usb_device";
}
