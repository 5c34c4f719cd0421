import type { Listener } from "@uevent-bridge/listener";
import type { Uevent } from "@uevent-bridge/uevent";
import { isMalformed, toUevent } from "@uevent-bridge/uevent";
import { expect, test, vi } from "vitest";

import { ToldDevices } from "../../src/nested/devices.js";
import { LOOP0, LOOP1, smallMachine } from "../machine.js";

const GONE = "/devices/virtual/block/loop9";

/** `/sys` shows loop0, loop1 and tty1; loop0 and loop9 were told. */
function told() {
  const devices = new Map([LOOP0, GONE].map((devpath) => [devpath, event(devpath)]));
  const close = vi.fn(() => Promise.resolve());
  const { devices: sys } = smallMachine();
  return { sys, tree: new ToldDevices(sys, { devices, close } as unknown as Listener), devices, close };
}

function event(devpath: string): Uevent {
  const pairs = `ACTION=change\0DEVPATH=${devpath}\0SUBSYSTEM=block\0DEVNAME=told\0SEQNUM=5\0`;
  const made = toUevent(Buffer.from(`change@${devpath}\0${pairs}`, "latin1"));
  if (isMalformed(made)) throw new Error(made.malformed);
  return made;
}

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("latin1");

test("there are the devices that were told, as /sys says that they are", async () => {
  const { tree, sys } = told();
  expect((await tree.enumerate()).map(({ devpath }) => devpath)).toEqual([LOOP0, GONE]);
  expect(tree.read(LOOP0)).toEqual(sys.read(LOOP0));
  expect(tree.incarnation(LOOP0)).toBe(sys.incarnation(LOOP0));
  expect(text(await tree.attribute(LOOP0, "uevent", 100))).toContain("DEVNAME=loop0");
});

test("one that was not told is not there, although /sys shows it", async () => {
  const { tree, sys } = told();
  const hidden = sys.read(LOOP1)!;
  expect(tree.read(LOOP1)).toBeUndefined();
  expect(tree.incarnation(LOOP1)).toBeUndefined();
  expect(await tree.attribute(LOOP1, "uevent", 100)).toBeUndefined();
  expect(tree.udev(hidden)).toBeUndefined();
});

test("one that /sys does not show is what was told of it last, under the path that it has now", () => {
  const { tree, devices } = told();
  expect(text(tree.read(GONE)?.uevent)).toBe("DEVNAME=told\n");
  expect(tree.incarnation(GONE)).toBe(tree.read(GONE)?.incarnation);
  devices.set(`${GONE}0`, event(GONE)); // something above it was moved
  expect(tree.read(`${GONE}0`)).toMatchObject({ devpath: `${GONE}0`, subsystem: "block" });
});

test("a subsystem of a told device is one, if /sys shows none of it", () => {
  const { tree, devices } = told();
  expect(tree.isSubsystem("wlan")).toBe(false);
  const wlan = Buffer.from("add@/devices/w\0ACTION=add\0DEVPATH=/devices/w\0SUBSYSTEM=wlan\0SEQNUM=1\0", "latin1");
  devices.set("/devices/w", toUevent(wlan) as Uevent);
  expect(tree.isSubsystem("wlan")).toBe(true);
});

test("closing it closes the listener", () => {
  const { tree, close } = told();
  tree.close();
  expect(close).toHaveBeenCalledOnce();
});
