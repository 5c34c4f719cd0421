import type { DeviceTree, UdevRecord } from "@uevent-bridge/kernel";
import { expect, test } from "vitest";

import { KnownDevice } from "../../src/known-device.js";
import { UdevDesk } from "../../src/udev/desk.js";

/** A desk beside a udevd that has said all, and how often its database was read. */
function openDesk() {
  let reads = 0;
  const udev = (): UdevRecord => ({ properties: new Map([["READ", `${++reads}`]]), links: [], tags: [] });
  const devicesOf = (): DeviceTree => ({ udev }) as unknown as DeviceTree;
  const desk = new UdevDesk({ devicesOf, attributeMs: 1, udevMs: 1, udevRuns: () => true, onLate: () => {} });
  const device = new KnownDevice("/devices/virtual/block/loop0", "block", "", "1");
  return { desk, device, read: () => desk.entry(device).properties.get("READ") };
}

test("its database is read once for an event, however many are told of it, and again for the next", () => {
  const { desk, device, read } = openDesk();
  for (const seqnum of [1n, 2n]) desk.heard(seqnum);
  for (let outlet = 0; outlet < 3; outlet++) {
    expect(desk.prepare(device, 1n)).toBeUndefined();
    expect(read()).toBe("1");
  }
  expect(desk.prepare(device, undefined)).toBeUndefined(); // a newcomer is told of it
  expect(read()).toBe("1");
  void desk.prepare(device, 2n);
  expect(read()).toBe("2");
});

test("what udevd says anew of a device is read anew", () => {
  const { desk, device, read } = openDesk();
  expect([read(), read()]).toEqual(["1", "1"]);
  desk.renew(device);
  expect(read()).toBe("2");
});

test("what a device has become while nobody was told is derived anew", () => {
  const { desk, device, kind } = openDerivingDesk();
  expect(kind()).toBe("KEYBOARD");
  device.state = "EV=3\0KEY=1fff0000 0 0 0 0\0ABS=3\0"; // no event of it was prepared
  expect(desk.prepare(device, undefined)).toBeUndefined();
  expect(kind()).not.toBe("KEYBOARD");
});

function openDerivingDesk() {
  const device = new KnownDevice("/devices/virtual/input/input0", "input", "EV=120013\0KEY=fffffffffffffffe\0", "1");
  const devicesOf = (): DeviceTree => ({}) as DeviceTree;
  const desk = new UdevDesk({ devicesOf, attributeMs: 1, udevMs: 1, udevRuns: () => false, onLate: () => {} });
  const kind = (): string => (desk.entry(device).properties.has("ID_INPUT_KEYBOARD") ? "KEYBOARD" : "other");
  return { desk, device, kind };
}
