import { keyed, pattern } from "./forms.js";
import { checkAttribute, checkProperty } from "./keys.js";
import { splitDev, sysnames, withoutDev } from "./names.js";
import type { Term } from "./term.js";

/** Terms that hold for the device itself. */
export const kinds: readonly Term[] = [
  pattern(
    "kind",
    { name: "subsystem", also: ["SUBSYSTEMS", "class"] },
    {
      values: (device) => device.subsystem,
      shared: 2,
    },
  ),
  pattern(
    "kind",
    { name: "devtype" },
    {
      values: (device) => device.property("DEVTYPE"),
      shared: 2,
    },
  ),
  pattern(
    "kind",
    { name: "devname", also: ["NAME", "node"] },
    {
      split: splitDev,
      values: (device) => device.property("DEVNAME"),
      shared: 0,
    },
  ),
  pattern(
    "kind",
    { name: "devlink", also: ["SYMLINK", "link"] },
    {
      split: splitDev,
      values: (device) => device.links.map(withoutDev),
      needsUdev: () => true,
      shared: 0,
    },
  ),
  pattern(
    "kind",
    { name: "sysname", also: ["KERNEL", "KERNELS"] },
    {
      values: sysnames,
      ofPath: true,
      shared: 1,
    },
  ),
  pattern(
    "kind",
    { name: "tag", also: ["TAGS"] },
    {
      values: (device) => device.tags,
      needsUdev: () => true,
      shared: 2,
    },
  ),
  keyed({ name: "attr", also: ["ATTR", "ATTRS"] }, checkAttribute, {
    values: (device, name) => device.attribute(name),
    attribute: (name) => name,
    shared: 1,
  }),
  keyed({ name: "env", also: ["ENV", "property"] }, checkProperty, {
    values: (device, key) => device.property(key),
    needsUdev: (key) => key.startsWith("ID_"), // no driver sets these, udev's rules do
    shared: 1,
  }),
];
