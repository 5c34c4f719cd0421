import { keyed, kind } from "./forms.js";
import { checkAttribute, checkProperty } from "./keys.js";
import { splitDev, sysnames, withoutDev } from "./names.js";
import type { Term } from "./term.js";

/** Names of nodes directly below /dev that people know by heart. */
const NODE =
  /^((sd|hd|vd|xvd)[a-z]+\d*|(loop|sr|nvme|mmcblk|zram|nbd|md|dm-|sg|tty[A-Za-z]*|video|hidraw|rtc|fb|i2c-)\d\w*)$/;

/** Terms that hold for the device itself. */
export const kinds: readonly Term[] = [
  kind({ name: "subsystem", also: ["SUBSYSTEMS", "class"], shared: 2, values: (device) => device.subsystem }),
  kind({ name: "devtype", shared: 2, values: (device) => device.property("DEVTYPE") }),
  kind({
    name: "devname",
    shape: NODE,
    also: ["NAME", "node"],
    shared: 0,
    split: splitDev,
    values: (device) => device.property("DEVNAME"),
  }),
  kind({
    name: "devlink",
    also: ["SYMLINK", "link"],
    shared: 0,
    needsUdev: () => true,
    split: splitDev,
    values: (device) => device.links.map(withoutDev),
  }),
  kind({ name: "sysname", also: ["KERNEL", "KERNELS"], shared: 1, ofPath: true, values: sysnames }),
  kind({ name: "tag", also: ["TAGS"], shared: 2, needsUdev: () => true, values: (device) => device.tags }),
  keyed({
    name: "attr",
    also: ["ATTR", "ATTRS"],
    shared: 1,
    checkKey: checkAttribute,
    attribute: (name) => name,
    values: (device, name) => device.attribute(name),
  }),
  keyed({
    name: "env",
    also: ["ENV", "property"],
    shared: 1,
    checkKey: checkProperty,
    needsUdev: (key) => key.startsWith("ID_"), // no driver sets these, udev's rules do
    values: (device, key) => device.property(key),
  }),
];
