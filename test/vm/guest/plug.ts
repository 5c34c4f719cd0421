import { existsSync } from "node:fs";

import { openRelay } from "uevent-bridge";

import { enumerate } from "../../real/consumers/libudev.js";
import { Program } from "../../real/inside/program.js";
import type { PlugReport } from "../report.js";
import { SEEN } from "../seen.js";
import { Box } from "./box.js";
import { readDatabase, settleUdev } from "./host.js";
import { Programs, startListening } from "./programs.js";
import type { Qemu } from "./qemu.js";
import { parseDatabase } from "./udevadm.js";
import { waitFor } from "./wait.js";

const PLUGGED = ["keyboard", "mouse", "storage", "serial", "hidden", "tablet"];

/** A container whose programs of libudev are told of devices that come and go. */
export async function plug(qemu: Qemu): Promise<PlugReport> {
  qemu.execute("blockdev-add", { driver: "null-co", "node-name": "nothing", size: 16_777_216, "read-zeroes": true });
  qemu.execute("chardev-add", { id: "nobody", backend: { type: "null", data: {} } });
  qemu.plug("tablet", "usb-tablet", 5); // it is there already when the container is attached
  settleUdev();

  await using relay = await openRelay();
  const allow = ["port=1-1|1-2|2-3|1-4|1-5", "/devices/virtual/input/input*"];
  await using box = await Box.start(relay, { name: "box", allow, sysfs: "auto" });
  const { system } = box;
  const programs = await Programs.start(system);
  const debugEvents = await startListening(system, "libinput", "debug-events");
  const libinputSaid = (what: string): number => debugEvents.lines.filter((line) => line.includes(what)).length;

  qemu.plug("keyboard", "usb-kbd", 1);
  qemu.plug("mouse", "usb-mouse", 2);
  qemu.plug("storage", "usb-storage", 3, { drive: "nothing" });
  qemu.plug("serial", "usb-serial", 4, { chardev: "nobody", "always-plugged": true });
  qemu.plug("hidden", "usb-mouse", 6);
  const gamepad = new Program("python3", [new URL("gamepad.py", import.meta.url).pathname]);
  await waitFor(`the gamepad is made: ${gamepad.stderr}`, () => gamepad.lines.length > 0);
  await waitFor("the disk is found", () => existsSync("/sys/class/block/sda"));
  settleUdev();

  const host = readDatabase();
  const seen = Object.keys(host).filter((devpath) => SEEN.test(devpath));
  await programs.haveHeard("add", seen);
  await waitFor("the keyboard is added", () => debugEvents.lines.some((line) => line.includes("USB Keyboard")));
  qemu.press("a");
  await waitFor("the key arrives, and that it is let go", () => libinputSaid("KEYBOARD_KEY") > 1);
  const plugging = programs.heard();
  const plugged = {
    host,
    box: parseDatabase(system.run("udevadm", "info", "--export-db")),
    enumerated: enumerate(system),
    lsusb: system.run("lsusb"),
    input: system.run("ls", "/sys/class/input"),
    libinput: system.run("libinput", "list-devices"), // a newcomer: what there is is told once more
  };

  programs.turnPage();
  for (const id of PLUGGED) qemu.unplug(id);
  await gamepad.end();
  settleUdev();
  await programs.haveHeard("remove", seen);
  await waitFor("libinput says that they go", () => libinputSaid("DEVICE_REMOVED") === libinputSaid("DEVICE_ADDED"));
  return {
    plugging,
    plugged,
    unplugging: programs.heard(),
    debugEvents: debugEvents.lines,
    left: readDatabase(),
  };
}
