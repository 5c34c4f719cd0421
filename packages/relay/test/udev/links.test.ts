import { expect, test } from "vitest";

import { KnownDevice } from "../../src/known-device.js";
import { derive } from "../../src/udev/derive.js";

/** What is derived of a device with one attribute, which the device says of itself. */
function derived(devpath: string, subsystem: string, properties: string, attribute: Record<string, string>) {
  const device = new KnownDevice(devpath, subsystem, properties, "1");
  return derive(device, (_of, name) => attribute[name]);
}

const disk = (serial: string) =>
  derived("/devices/virtio0/block/vda", "block", "DEVTYPE=disk\0DEVNAME=vda\0", { serial });
const port = (name: string) => derived("/devices/virtio1/vport1p1", "virtio-ports", "DEVNAME=vport1p1\0", { name });

test.each([
  ["disk-1", "disk-1"],
  ["x /dev/sda", "x__dev_sda"],
  ["x\nE:A=b", "x_E:A=b"],
  ["../../../etc/passwd", ".._.._.._etc_passwd"],
])("the serial %j of a disk is part of one link", (serial, name) => {
  const { links, properties } = disk(serial);
  expect(links).toEqual([`/dev/disk/by-id/virtio-${name}`]);
  expect(properties.get("ID_SERIAL")).toBe(name);
});

test.each([
  ["org.qemu.guest_agent.0", ["/dev/virtio-ports/org.qemu.guest_agent.0"]],
  ["../../etc/passwd", ["/dev/virtio-ports/.._.._etc_passwd"]],
  ["a b", ["/dev/virtio-ports/a_b"]],
  ["..", []],
  [" ", []],
])("the name %j of a port leads nowhere else", (name, links) => {
  expect(port(name).links).toEqual(links);
});

test("what the kernel calls a partition is part of one link too", () => {
  const { links } = derived("/devices/virtio0/block/vda", "block", "DEVNAME=vda\0PARTUUID=../a b\0", {});
  expect(links).toEqual(["/dev/disk/by-partuuid/.._a_b"]);
});

test("a device without a node has no links", () => {
  expect(derived("/devices/pci0/block/sda", "block", "DISKSEQ=1\0", {}).links).toEqual([]);
  expect(derived("/devices/pci0/block/sda", "block", "DISKSEQ=1\0DEVNAME=sda\0", {}).links).toHaveLength(1);
});

test("a screen of a seat is known by a path that no link has, where udev's rules for links ask for none", () => {
  const device = new KnownDevice("/devices/vfb-0/drm/card0", "drm", "DEVNAME=dri/card0\0MAJOR=226\0", "1");
  device.outerParent = new KnownDevice("/devices/vfb-0", "xen", "", "1");
  const { properties, links } = derive(device, () => undefined);
  expect([properties.get("ID_FOR_SEAT"), links]).toEqual(["drm-xen-vfb-0", []]);
});

test.each([
  [2, "Disk", "0:0"],
  [6, "Disk", "0:0"],
  [4, "USB", undefined],
])("a unit of a disk of subclass %j is called as %s says", (subclass, vendor, instance) => {
  const usb = new KnownDevice("/devices/usb1/1-1", "usb", "DEVTYPE=usb_device\0PRODUCT=46d/c52b/1211\0", "1");
  const face = new KnownDevice(
    `${usb.devpath}/1-1:1.0`,
    "usb",
    `DEVTYPE=usb_interface\0INTERFACE=8/${subclass}/80\0DRIVER=usb-storage\0`,
    "1",
  );
  const unit = new KnownDevice(`${face.devpath}/host0/target0:0:0/0:0:0:0`, "scsi", "DEVTYPE=scsi_device\0", "1");
  const disk = new KnownDevice(`${unit.devpath}/block/sda`, "block", "DEVTYPE=disk\0", "1");
  [face.outerParent, unit.outerParent, disk.outerParent] = [usb, face, unit];
  const names = new Map([
    [usb, "USB"],
    [unit, "Disk"],
  ]);
  const { properties } = derive(disk, (of) => names.get(of));
  expect(["ID_VENDOR", "ID_INSTANCE", "ID_USB_DRIVER"].map((key) => properties.get(key))).toEqual([
    vendor,
    instance,
    "usb-storage",
  ]);
});

test("a USB device is called what it calls itself", () => {
  const names = { manufacturer: "Logi tech", product: "USB Receiver", serial: "A1" };
  const { properties } = derived("/devices/usb1/1-1", "usb", "DEVTYPE=usb_device\0PRODUCT=46d/c52b/1211\0", names);
  expect(["ID_VENDOR", "ID_MODEL", "ID_SERIAL"].map((key) => properties.get(key))).toEqual([
    "Logi_tech",
    "USB_Receiver",
    "Logi_tech_USB_Receiver_A1",
  ]);
});
