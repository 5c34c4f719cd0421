import { compilePolicy } from "@uevent-bridge/filter";
import { expect, test } from "vitest";

import { TestDevice } from "./corpus/test-device.js";

const PCI = "/devices/pci0000:00/0000:00:14.0";

function device(devpath: string, subsystem: string, properties: Record<string, string> = {}, parent?: TestDevice) {
  return Object.assign(new TestDevice(devpath, subsystem, { properties: new Map(Object.entries(properties)) }), {
    parent,
  });
}

const controller = device(PCI, "pci", { DRIVER: "xhci_hcd" });
const otherDomain = device("/devices/pci10000:e0/10000:e0:06.0", "pci");
const hub = device(`${PCI}/usb1`, "usb", { DEVTYPE: "usb_device", PRODUCT: "1d6b/2/601" }, controller);
const stick = device(`${PCI}/usb1/1-1`, "usb", { DEVTYPE: "usb_device", PRODUCT: "46d/c52b/1211" }, hub);
const plug = device(`${PCI}/usb1/1-1/1-1:1.0`, "usb", { DEVTYPE: "usb_interface", PRODUCT: "46d/c52b/1211" }, stick);
const array = device("/devices/pci0000:00/block/cciss!c0d0", "block", { DEVNAME: "cciss/c0d0" });

test.each([
  ["port= is the name of a USB device", "port=1-1", stick, true],
  ["port= holds below it", "port=1-1", plug, true],
  ["port= is not the name of an interface", "port=1-1:1.0", plug, false],
  ["port= is not the name of a PCI device", "port=0000:00:14.0", controller, false],
  ["port= of a root hub", "port=usb1", hub, true],
  [
    "usb= is not asked of an interface alone",
    "usb=046d:c52b",
    Object.assign(device(plug.devpath, "usb"), plug, { parent: hub }),
    false,
  ],
  ["usb= pads the kernel's ids", "usb=1d6b:0002", hub, true],
  ["usb= with any vendor", "usb=*:c52b", stick, true],
  ["usb= with any product", "usb=046d:*", stick, true],
  ["usb= with another product", "usb=046d:c52c", stick, false],
  ["usb= with any ids is any USB device", "usb=*:*", plug, true],
  ["usb= with any ids is no PCI device", "usb=*:*", controller, false],
  ["pci= with its domain", "pci=0000:00:14.0", plug, true],
  ["pci= without the first domain", "pci=00:14.0", plug, true],
  ["pci= without another domain", "pci=e0:06.0", otherDomain, false],
  ["pci= with another domain", "pci=10000:e0:06.0", otherDomain, true],
  ["pci= is not the name of a USB device", "pci=1-1", stick, false],
  ["driver= of an ancestor", "driver=xhci_hcd", plug, true],
  ["subsystem= is that of the device itself", "subsystem=pci", plug, false],
  ["sysname= as sysfs writes it", "sysname=cciss!c0d0", array, true],
  ["sysname= as people write it", "sysname=cciss/c0d0", array, true],
  ["a node with a / in its name", "/dev/cciss/c0d0", array, true],
  ["a pattern for the whole of /dev", "devname=/dev/*", array, true],
  ["a pattern that only looks like /dev/", "devname=/de?/*", array, false],
])("%s: %s", (_, rule, at, expected) => {
  expect(compilePolicy({ allow: [rule] }).allow.map((each) => each.picks(at))).toEqual([expected]);
});
