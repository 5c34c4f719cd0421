import type { Derived } from "./derived.js";
import { interfaceNumber } from "./usb-id.js";
import { plain } from "./words.js";

/** Disks that get links by what they are; others, as those of the device mapper, by rules of their own. */
const DISKS = /^(loop|mmcblk.*\d$|nvme|sd|sr|vd|xvd|bcache|cciss|dasd|ubd|ubi|scm|pmem|nbd|zd)/;

/** The links that udev's own rules make, as far as they follow from what the kernel says. */
export function addLinks(derived: Derived): void {
  if (!derived.device.properties.has("DEVNAME")) return;
  switch (derived.subsystem) {
    case "input":
      return addInputLinks(derived);
    case "block":
      return DISKS.test(derived.name) ? addDiskLinks(derived) : undefined;
    case "drm":
      return addDrmLink(derived);
    case "tty":
      return addSerialLinks(derived);
    case "sound":
      return addSoundLinks(derived);
    case "video4linux":
      return addVideoLinks(derived);
    case "virtio-ports":
      return addVirtioPortLink(derived);
    case "rtc":
      if (derived.name === "rtc0") derived.links.add("rtc");
  }
}

function addInputLinks(derived: Derived): void {
  const { name } = derived;
  const kind = derived.get(".INPUT_CLASS");
  const isEvent = name.startsWith("event");
  if (!isEvent && !/^(mouse|js)/.test(name)) return;
  const [bus, serial, path] = ["ID_BUS", "ID_SERIAL", "ID_PATH"].map((key) => derived.get(key));
  const face = derived.nearest("usb", "usb_interface");
  const number = face && interfaceNumber(face);
  if (kind !== undefined) {
    const end = `${isEvent ? "event-" : ""}${kind}`;
    if (number !== undefined && bus !== undefined)
      derived.link("input/by-id", `${bus}-${serial}-${number === "00" ? "" : `if${number}-`}${end}`);
    if (path !== undefined) derived.link("input/by-path", `${path}-${end}`);
  } else if (isEvent) {
    if (number !== undefined && bus !== undefined) derived.link("input/by-id", `${bus}-${serial}-event-if${number}`);
    if (path !== undefined && derived.isBelow("usb", "platform", "i2c")) derived.link("input/by-path", `${path}-event`);
  }
}

function addDiskLinks(derived: Derived): void {
  const { name, device } = derived;
  const part = derived.devtype === "partition" ? `-part${/\d+$/.exec(name)?.[0]}` : "";
  const serial = name.startsWith("vd") ? virtioSerial(derived) : undefined;
  if (serial !== undefined) {
    derived.set("ID_SERIAL", serial);
    derived.link("disk/by-id", `virtio-${serial}${part}`);
  }
  const [bus, id, path] = ["ID_BUS", "ID_SERIAL", "ID_PATH"].map((key) => derived.get(key));
  if (/^(sd|sr|cciss)/.test(name) && bus !== undefined && id !== undefined)
    derived.link("disk/by-id", `${bus}-${id}${part}`);
  if (path !== undefined) derived.link("disk/by-path", `${path}${part}`);
  if (path?.startsWith("pci-") && name.startsWith("vd")) derived.link("disk/by-path", `virtio-${path}${part}`);
  const sequence = device.properties.get("DISKSEQ");
  if (sequence !== undefined && part === "") derived.link("disk/by-diskseq", sequence);
  const partition = device.properties.get("PARTUUID");
  if (partition) derived.link("disk/by-partuuid", partition);
}

function virtioSerial({ device, devtype, ask }: Derived): string | undefined {
  const disk = devtype === "partition" ? device.parent : device;
  return plain((disk && ask(disk, "serial")) ?? "") || undefined;
}

function addDrmLink(derived: Derived): void {
  const path = derived.get("ID_PATH");
  const kind = /^(card|controlD|renderD)\d+$/.exec(derived.name)?.[1];
  if (path !== undefined && kind !== undefined) derived.link("dri/by-path", `${path}-${kind.replace(/D$/, "")}`);
}

function addSerialLinks(derived: Derived): void {
  if (!/^tty(USB|ACM)\d/.test(derived.name)) return;
  const adapter = derived.nearest("usb-serial");
  const port = adapter && derived.ask(adapter, "port_number");
  const end = port === undefined ? "" : `-port${port}`;
  const [bus, serial, path, face] = ["ID_BUS", "ID_SERIAL", "ID_PATH", "ID_USB_INTERFACE_NUM"].map((key) =>
    derived.get(key),
  );
  if (path !== undefined) derived.link("serial/by-path", `${path}${end}`);
  if (bus !== undefined && serial !== undefined && face !== undefined)
    derived.link("serial/by-id", `${bus}-${serial}-if${face}${end}`);
}

function addSoundLinks(derived: Derived): void {
  if (!derived.name.startsWith("controlC")) return;
  const [bus, serial, path, face] = ["ID_BUS", "ID_SERIAL", "ID_PATH", "ID_USB_INTERFACE_NUM"].map((key) =>
    derived.get(key),
  );
  if (serial !== undefined) derived.link("snd/by-id", `${bus}-${serial}${face === undefined ? "" : `-${face}`}`);
  if (path !== undefined) derived.link("snd/by-path", path);
}

function addVideoLinks(derived: Derived): void {
  const index = derived.ask(derived.device, "index");
  const kind = /^(video|vbi|audio)\d/.exec(derived.name)?.[1];
  if (index === undefined || kind === undefined) return;
  const [bus, serial, path] = ["ID_BUS", "ID_SERIAL", "ID_PATH"].map((key) => derived.get(key));
  if (serial !== undefined && kind === "video") derived.link("v4l/by-id", `${bus}-${serial}-video-index${index}`);
  if (path !== undefined) derived.link("v4l/by-path", `${path}-${kind === "audio" ? "audio" : "video"}-index${index}`);
}

function addVirtioPortLink(derived: Derived): void {
  const name = derived.ask(derived.device, "name");
  if (name) derived.link("virtio-ports", name);
}
