import { expect, test } from "vitest";

import { KnownDevice } from "../src/known-device.js";
import { devnameOf, numberOf, snapshot } from "../src/snapshot.js";

const device = (subsystem: string, state: string) => new KnownDevice("/devices/virtual/misc/a", subsystem, state, "1");

test.each([
  ["block", "MAJOR=7\0MINOR=0\0", { type: "block", major: 7, minor: 0 }],
  ["misc", "MAJOR=10\0MINOR=1\0", { type: "char", major: 10, minor: 1 }],
  ["misc", "MAJOR=10\0", undefined],
  ["misc", "MINOR=1\0", undefined],
  ["misc", "MAJOR=10\0MINOR=x\0", undefined],
  ["net", "", undefined],
])("a device of %s has a number only if the kernel says both parts: %j", (subsystem, state, number) => {
  expect(numberOf(device(subsystem, state))).toEqual(number);
});

test.each([
  ["DEVNAME=bus/usb/001/002\0", "/dev/bus/usb/001/002"],
  ["DEVNAME=/dev/null\0", "/dev/null"],
  ["", undefined],
])("its node is named below /dev, however it is said: %j", (state, name) => {
  expect(devnameOf(device("misc", state))).toBe(name);
});

test("as plain data a device has what is known of it, and no key for what is not", () => {
  const bare = { devpath: "/devices/virtual/misc/a", incarnation: "1", links: [], tags: [] };
  expect(snapshot(device("misc", ""))).toStrictEqual({ ...bare, subsystem: "misc", properties: new Map() });
  const full = device("tty", "MAJOR=166\0MINOR=0\0DEVNAME=ttyACM0\0DEVTYPE=port\0DRIVER=acm\0");
  full.outerParent = new KnownDevice("/devices/virtual/misc", "misc", "", "2");
  full.outerParent.holder = "box";
  expect(snapshot(full)).toEqual({
    ...bare,
    subsystem: "tty",
    devtype: "port",
    driver: "acm",
    devname: "/dev/ttyACM0",
    number: { type: "char", major: 166, minor: 0 },
    properties: full.properties,
    parent: "/devices/virtual/misc",
    holder: "box",
  });
});
