import type { KnownDevice } from "../known-device.js";
import type { Derived } from "./derived.js";
import { nameOf } from "./derived.js";
import { encoded, plain } from "./words.js";

const MASS_STORAGE = 8;
/** Subclasses of mass storage whose units speak SCSI. */
const SCSI_SUBCLASSES = [2, 6];
/** What udev calls a class of interfaces. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [1, "audio"],
  [3, "hid"],
  [6, "media"],
  [7, "printer"],
  [MASS_STORAGE, "storage"],
  [9, "hub"],
  [14, "video"],
]);

/** Who made a device that is on USB, and which it is, as udev's `usb_id` says it. Nothing if it is not. */
export function addUsbIds(derived: Derived): void {
  const device = derived.nearest("usb", "usb_device");
  if (!device) return;
  const [vendor = "", model = "", revision = ""] = (device.properties.get("PRODUCT") ?? "").split("/");
  const disk = scsiUnit(derived);
  const texts = disk ? scsiTexts(disk, derived) : usbTexts(device, derived);
  const serial = serialOf(derived.ask(device, "serial"));
  const unit = disk && /^\d+:\d+:(\d+:\d+)$/.exec(nameOf(disk))?.[1];
  const names = { vendor: texts.vendor ?? hex(vendor), model: texts.model ?? hex(model) };
  const ids = [plain(names.vendor), plain(names.model), ...(serial === undefined ? [] : [serial])].join("_");
  derived.set("ID_BUS", "usb");
  derived.set("ID_VENDOR", plain(names.vendor));
  derived.set("ID_VENDOR_ENC", encoded(names.vendor));
  derived.set("ID_VENDOR_ID", hex(vendor));
  derived.set("ID_MODEL", plain(names.model));
  derived.set("ID_MODEL_ENC", encoded(names.model));
  derived.set("ID_MODEL_ID", hex(model));
  derived.set("ID_REVISION", texts.revision ?? hex(revision));
  derived.set("ID_SERIAL", unit === undefined ? ids : `${ids}-${unit}`);
  derived.set("ID_SERIAL_SHORT", serial);
  derived.set("ID_INSTANCE", unit);
  addInterface(derived, disk !== undefined);
}

function addInterface(derived: Derived, isDisk: boolean): void {
  const face = derived.nearest("usb", "usb_interface");
  if (!face) return;
  derived.set("ID_TYPE", isDisk ? "disk" : (TYPES.get(classOf(face)[0] ?? 0) ?? "generic"));
  derived.set("ID_USB_INTERFACE_NUM", interfaceNumber(face));
  derived.set("ID_USB_DRIVER", face.properties.get("DRIVER"));
}

/** `bInterfaceNumber`: the last number of its name, `1-1:1.0`, as two hexadecimal digits. */
export function interfaceNumber(face: KnownDevice): string {
  return Number(/\d+$/.exec(nameOf(face))?.[0] ?? 0)
    .toString(16)
    .padStart(2, "0");
}

/** Class, subclass and protocol of an interface. */
function classOf(face: KnownDevice): number[] {
  return (face.properties.get("INTERFACE") ?? "").split("/").map(Number);
}

/** A unit of a USB disk, which has a name of its own. */
function scsiUnit(derived: Derived): KnownDevice | undefined {
  const face = derived.nearest("usb", "usb_interface");
  if (!face) return undefined;
  const [kind, subclass = 0] = classOf(face);
  if (kind !== MASS_STORAGE || !SCSI_SUBCLASSES.includes(subclass)) return undefined;
  return derived.nearest("scsi", "scsi_device");
}

interface Texts {
  readonly vendor?: string | undefined;
  readonly model?: string | undefined;
  readonly revision?: string | undefined;
}

function usbTexts(device: KnownDevice, { ask }: Derived): Texts {
  return { vendor: ask(device, "manufacturer"), model: ask(device, "product") };
}

function scsiTexts(unit: KnownDevice, { ask }: Derived): Texts {
  const [vendor, model, revision] = ["vendor", "model", "rev"].map((name) => ask(unit, name));
  return { vendor, model, revision: revision && plain(revision) };
}

/** One with other characters than printable ASCII, or with a comma, is none. */
function serialOf(text: string | undefined): string | undefined {
  if (text === undefined || text === "" || !/^[\x20-\x2b\x2d-\x7f]+$/.test(text)) return undefined;
  return plain(text);
}

function hex(number: string): string {
  return number.padStart(4, "0");
}
