import type { UdevRecord } from "@uevent-bridge/kernel";
import { fromText } from "@uevent-bridge/uevent";

import type { KnownDevice } from "../known-device.js";
import type { Ask } from "./derived.js";
import { Derived, upwards } from "./derived.js";
import { inputKinds } from "./input-kind.js";
import { addLinks } from "./links.js";
import { pathId, pathTag } from "./path-id.js";
import { addTags } from "./tags.js";
import { addUsbIds } from "./usb-id.js";

/** Subsystems whose devices udev identifies by what they are plugged into. */
const IDENTIFIED: ReadonlySet<string> = new Set(["input", "block", "tty", "net", "sound", "video4linux"]);

/**
 * What udevd would know of a device, where none runs: from what the kernel says of it and of those above it. Latin1, as in a datagram.
 * docs/udev-properties.md says which properties these are, and what of them differs.
 */
export function derive(device: KnownDevice, ask: Ask): UdevRecord {
  const derived = new Derived(device, ask);
  addInput(derived);
  addIds(derived);
  addInputSerial(derived);
  if (hasPath(derived)) addPath(derived);
  addTags(derived);
  addLinks(derived);
  if (derived.tags.has("seat")) addSeat(derived);
  const { properties, links, tags } = derived;
  return {
    properties: new Map(Array.from(properties, ([key, value]) => [key, fromText(value)])),
    links: Array.from(links, (link) => fromText(`/dev/${link}`)),
    tags: [...tags],
  };
}

function addInput(derived: Derived): void {
  if (derived.subsystem !== "input") return;
  const source = [...upwards(derived.device)].find(
    ({ subsystem, properties }) => subsystem === "input" && properties.has("EV"),
  );
  if (!source) return;
  derived.set("ID_INPUT", "1");
  for (const kind of inputKinds((key) => source.properties.get(key))) derived.set(`ID_INPUT_${kind}`, "1");
}

function addIds(derived: Derived): void {
  const { subsystem, device } = derived;
  if (subsystem === "input") addInputBus(derived);
  const isUsbDevice = subsystem === "usb" && derived.devtype === "usb_device";
  if ((isUsbDevice || IDENTIFIED.has(subsystem)) && !derived.has("ID_BUS")) addUsbIds(derived);
  const pci = derived.nearest("pci");
  if (!pci || derived.has("ID_BUS") || (subsystem !== "net" && subsystem !== "tty")) return;
  const [vendor = "", model = ""] = (pci.properties.get("PCI_ID") ?? "").toLowerCase().split(":");
  if (device.subsystem === "tty" || vendor !== "") derived.set("ID_BUS", "pci");
  derived.set("ID_VENDOR_ID", `0x${vendor}`);
  derived.set("ID_MODEL_ID", `0x${model}`);
}

function addInputBus(derived: Derived): void {
  if (derived.nearest("bluetooth")) derived.set("ID_BUS", "bluetooth");
  else if (derived.nearest("rmi4")) derived.set("ID_BUS", "rmi");
  else if (derived.nearest("serio")) derived.set("ID_BUS", "i8042");
}

function addInputSerial(derived: Derived): void {
  if (derived.subsystem !== "input") return;
  derived.set(".INPUT_CLASS", inputClass(derived));
  if (derived.has(".INPUT_CLASS") && !derived.has("ID_SERIAL")) derived.set("ID_SERIAL", "noserial");
}

const INPUT_CLASSES = [
  ["JOYSTICK", "joystick"],
  ["TABLET", "mouse"],
  ["TOUCHPAD", "mouse"],
  ["MOUSE", "mouse"],
  ["KEYBOARD", "kbd"],
] as const;

function inputClass(derived: Derived): string | undefined {
  if ([...upwards(derived.device)].some(({ properties }) => properties.get("DRIVER") === "pcspkr")) return "spkr";
  return INPUT_CLASSES.find(([kind]) => derived.has(`ID_INPUT_${kind}`))?.[1];
}

function hasPath(derived: Derived): boolean {
  const { subsystem, name } = derived;
  switch (subsystem) {
    case "pci":
    case "usb":
    case "platform":
    case "backlight":
    case "rfkill":
      return true;
    case "input":
      return derived.isBelow("pci", "usb", "platform", "acpi");
    case "drm":
      return derived.isBelow("pci", "usb", "platform");
    case "block":
    case "net":
      return !derived.isVirtual;
    case "tty":
      return /^tty(USB|ACM)\d/.test(name);
    case "sound":
      return /^(card|controlC)\d/.test(name);
    case "video4linux":
      return true;
    default:
      return false;
  }
}

function addPath(derived: Derived): void {
  const path = pathId(derived.device);
  if (path === undefined) return;
  derived.set("ID_PATH", path);
  derived.set("ID_PATH_TAG", pathTag(path));
}

/** Who is of a seat is known by its path. */
function addSeat(derived: Derived): void {
  if (!derived.has("ID_PATH")) addPath(derived);
  const tag = derived.get("ID_PATH_TAG");
  if (tag !== undefined) derived.set("ID_FOR_SEAT", `${derived.subsystem}-${tag}`);
}
