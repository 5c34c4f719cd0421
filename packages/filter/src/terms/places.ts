import { place } from "./forms.js";
import { isUsbDevice, sysnames } from "./names.js";
import { path } from "./path.js";
import type { Term } from "./term.js";
import { usb } from "./usb.js";

const FIRST_DOMAIN = "0000:";

/** Terms that hold for a device when they hold for it or for one of its ancestors. */
export const places: readonly Term[] = [
  path,
  usb,
  place({
    name: "port",
    also: ["usbport"],
    shape: /^\d+-\d+(\.\d+)*$/,
    shared: 0,
    values: (device) => (isUsbDevice(device) ? sysnames(device) : undefined),
  }),
  place({
    name: "pci",
    also: ["slot"],
    shape: /^([0-9a-f]{4,}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/i,
    shared: 0,
    values: (device) => (device.subsystem === "pci" ? pciNames(sysnames(device)) : undefined),
  }),
  place({ name: "driver", also: ["DRIVERS"], shared: 2, values: (device) => device.property("DRIVER") }),
];

/** lspci leaves the first domain out where there is no other: `00:14.0` is `0000:00:14.0`. */
function pciNames(name: string | readonly string[]): string | readonly string[] {
  return typeof name === "string" && name.startsWith(FIRST_DOMAIN) ? [name, name.slice(FIRST_DOMAIN.length)] : name;
}
