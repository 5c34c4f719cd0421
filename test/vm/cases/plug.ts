import { basename } from "node:path";

import { describe, expect, test } from "vitest";

import type { Database, Event, PlugReport } from "../report.js";
import { SEEN } from "../seen.js";

/** What was plugged: where, and a property that says what udev took it for. */
const DEVICES = [
  { name: "a keyboard", at: "/usb1/1-1", is: "ID_INPUT_KEYBOARD", inLibinput: "QEMU QEMU USB Keyboard" },
  { name: "a mouse", at: "/usb1/1-2", is: "ID_INPUT_MOUSE", inLibinput: "QEMU QEMU USB Mouse" },
  { name: "a tablet that was there before", at: "/usb1/1-5", is: "ID_INPUT_MOUSE", inLibinput: "QEMU QEMU USB Tablet" },
  { name: "a disk", at: "/usb2/2-3", is: "ID_USB_DRIVER" },
  { name: "a serial adapter", at: "/usb1/1-4", is: "ID_USB_DRIVER" },
  { name: "a gamepad of uinput", at: "/devices/virtual/input", is: "ID_INPUT_JOYSTICK" },
];

const HIDDEN = "/usb1/1-6";

/** What an unprivileged container's programs of libudev know of devices that are plugged and unplugged. */
export function testPlug(report: () => PlugReport): void {
  describe.each(["udevadm", "pyudev"] as const)("%s", (program) => {
    test.each(DEVICES)("is told of $name with what the host's udev knows", ({ at, is }) => {
      const known = identities(report().plugged.host, at);
      expect(Object.values(known).some((properties) => is in properties)).toBe(true);
      expect(identities(state(report().plugging[program]), at)).toEqual(known);
    });

    test.each(DEVICES)("is told that $name goes", ({ at }) => {
      const last = state(report().unplugging[program], ({ action }) => ({ action }));
      const known = identities(report().plugged.host, at);
      const gone = Object.keys(known).map((devpath) => [devpath, last[devpath]?.["action"]]);
      expect(gone).toEqual(Object.keys(known).map((devpath) => [devpath, "remove"]));
    });

    test("is told of nothing else", () => {
      expect(Object.keys(report().plugged.host).some((devpath) => devpath.includes(HIDDEN))).toBe(true);
      const told = [...report().plugging[program], ...report().unplugging[program]];
      expect(told.filter(({ devpath }) => !SEEN.test(devpath))).toEqual([]);
    });
  });

  test.each(DEVICES)("udevadm info in the container knows of $name what the host's does", ({ at }) => {
    expect(identities(report().plugged.box, at)).toEqual(identities(report().plugged.host, at));
  });

  test("an enumeration finds the devices that it may see, and no others", () => {
    const nodes = Object.entries(report().plugged.host).filter(([, { DEVNAME }]) => DEVNAME !== undefined);
    const seen = nodes.map(([devpath]) => devpath).filter((devpath) => SEEN.test(devpath));
    expect([...report().plugged.enumerated].sort()).toEqual(seen.sort());
  });

  test("lsusb lists what is at its ports, and nothing else", () => {
    const ids = Array.from(report().plugged.lsusb.matchAll(/ ID (\S+)/g), ([, id = ""]) => id);
    expect(ids.sort()).toEqual(["0403:6001", "0627:0001", "0627:0001", "0627:0001", "46f4:0001"]);
  });

  test("its /sys/class/input has what it may see, and nothing else", () => {
    const inputs = Object.entries(report().plugged.host).filter(([, { SUBSYSTEM }]) => SUBSYSTEM === "input");
    const seen = inputs.map(([devpath]) => devpath).filter((devpath) => SEEN.test(devpath));
    expect(seen.length).toBeGreaterThan(0);
    expect(report().plugged.input.trim().split("\n").sort()).toEqual(seen.map((path) => basename(path)).sort());
  });

  test.each(DEVICES.filter(({ inLibinput }) => inLibinput))("libinput lists $name", ({ inLibinput }) => {
    const names = report().plugged.libinput.matchAll(/^Device: +(.*)$/gm);
    expect([...names].map(([, name]) => name).filter((name) => name === inLibinput)).toHaveLength(1);
  });

  test("libinput hears of keyboard, mouse and tablet, a key, and that they go", () => {
    const events = report().debugEvents.map((line) => line.replace(/^[- ]event\d+ +/, "").replace(/ {2,}.*|\t.*/, ""));
    expect(events.filter((event) => event === "KEYBOARD_KEY")).toHaveLength(2);
    for (const event of ["DEVICE_ADDED", "DEVICE_REMOVED"]) {
      expect(events.filter((each) => each === event)).toHaveLength(3);
    }
  });

  test("they were gone at the end", () => {
    expect(Object.keys(report().left).filter((devpath) => SEEN.test(devpath))).toEqual([]);
  });
}

/** Of each device what was said of it last. */
function state(events: readonly Event[], of = (event: Event) => event.properties): Database {
  return Object.fromEntries(events.map((event) => [event.devpath, of(event)]));
}

/** What udev found out about the devices there. */
function identities(database: Database, at: string): Database {
  const there = Object.entries(database).filter(([devpath]) => `${devpath}/`.includes(`${at}/`) && SEEN.test(devpath));
  const isIdentity = ([key]: readonly [string, string]): boolean => key.startsWith("ID_");
  return Object.fromEntries(
    there.map(([devpath, properties]) => [devpath, Object.fromEntries(Object.entries(properties).filter(isIdentity))]),
  );
}
