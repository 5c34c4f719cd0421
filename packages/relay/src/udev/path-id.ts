import type { KnownDevice } from "../known-device.js";
import { nameOf, upwards } from "./derived.js";

/** A part of a path, and the device at which the way up goes on behind it. */
interface Step {
  readonly part?: string;
  readonly last: KnownDevice;
  /** It says by which bus a disk is reached. */
  readonly isTransport?: boolean;
  /** It says where in the machine it is. */
  readonly isPlace?: boolean;
}

/** Where a device is plugged in, as udev's `path_id` writes it: `pci-0000:00:08.0-usb-0:1:1.0`. Undefined if that is not known. */
export function pathId(device: KnownDevice): string | undefined {
  const parts: string[] = [];
  let isPlaced = false;
  let isTransported = false;
  for (let at: KnownDevice | undefined = device; at;) {
    const step = stepAt(at);
    if (!step) return undefined;
    if (step.part !== undefined) parts.unshift(step.part);
    isPlaced ||= step.isPlace ?? false;
    isTransported ||= step.isTransport ?? false;
    at = step.last.parent;
  }
  const isDisk = device.subsystem === "block";
  return isPlaced && (!isDisk || isTransported) ? parts.join("-") : undefined;
}

/** A path as part of a tag: of what is no letter, digit or dash, only that there was something. */
export function pathTag(path: string): string {
  return path.replace(/[^0-9A-Za-z-]+/g, "_").replace(/^_+|_+$/g, "");
}

function stepAt(device: KnownDevice): Step | undefined {
  const name = nameOf(device);
  switch (device.subsystem) {
    case "pci":
      return { part: `pci-${name}`, last: topmost(device), isPlace: true };
    case "usb":
      return usbStep(device);
    case "scsi":
      return scsiStep(device);
    case "platform":
      return { part: `platform-${name}`, last: topmost(device), isPlace: true, isTransport: true };
    case "acpi":
      return { part: `acpi-${name}`, last: topmost(device), isPlace: true };
    case "serio":
      return { part: `serio-${/\d*$/.exec(name)?.[0]}`, last: topmost(device) };
    case "virtio":
      return { last: topmost(device), isTransport: true };
    case "xen":
      return { part: `xen-${name}`, last: topmost(device), isPlace: true };
    default:
      return { last: device };
  }
}

/** Of devices of one subsystem, one above the other, the last. */
function topmost(device: KnownDevice): KnownDevice {
  let last = device;
  for (const each of upwards(device)) {
    if (each.subsystem !== device.subsystem) break;
    last = each;
  }
  return last;
}

/** Only the port is named, not the bus: its number depends on which controller was found first. */
function usbStep(device: KnownDevice): Step {
  const name = nameOf(device);
  const [, port] = name.split("-");
  const isNamed = /^usb_(device|interface)$/.test(device.properties.get("DEVTYPE") ?? "");
  if (!isNamed || port === undefined) return { last: device, isTransport: true };
  return { part: `usb-0:${port}`, last: topmost(device), isTransport: true };
}

/** Undefined for a disk on a bus of which the path needs more than names. */
function scsiStep(device: KnownDevice): Step | undefined {
  if (device.properties.get("DEVTYPE") !== "scsi_device") return { last: device };
  if (/\/(rport-|end_device-|session|ata)\d/.test(device.devpath)) return undefined;
  const host = [...upwards(device)].find((each) => each.properties.get("DEVTYPE") === "scsi_host");
  const address = /^(\d+)(:\d+:\d+:\d+)$/.exec(nameOf(device));
  if (!host || !address) return undefined;
  const number = Number(address[1]) - firstHostBeside(host);
  return { part: `scsi-${number}${address[2]}`, last: host, isTransport: true };
}

/** Hosts of one controller are counted from its first: the machine's count depends on which controller was found first. */
function firstHostBeside(host: KnownDevice): number {
  const beside = [...(host.node.up?.down.keys() ?? [nameOf(host)])];
  return Math.min(...beside.map((name) => Number(/^host(\d+)$/.exec(name)?.[1] ?? Infinity)));
}
