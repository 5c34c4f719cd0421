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
