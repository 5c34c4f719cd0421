import type { Facts } from "../facts.js";

/** The last segment of the path. Where a driver's name has a "/", sysfs writes "!": both are its name. */
export function sysnames(device: Facts): string | readonly string[] {
  const raw = device.devpath.slice(device.devpath.lastIndexOf("/") + 1);
  return raw.includes("!") ? [raw, raw.replaceAll("!", "/")] : raw;
}

/** People write `/dev/ttyUSB0` and `ttyUSB0`: both are its name. */
export function withAndWithoutDev(path: string): readonly string[] {
  const name = path.replace(/^\/dev\//, "");
  return [name, `/dev/${name}`];
}

export function isUsbDevice(device: Facts): boolean {
  return device.subsystem === "usb" && device.property("DEVTYPE") === "usb_device";
}
