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

test("since when a device is known is said in microseconds of the clock that libudev reads, and stays the same", () => {
  const { desk, device } = openDesk();
  const since = desk.entry(device).initialized;
  expect(Math.abs(Number(since) - Number(process.hrtime.bigint()) / 1000)).toBeLessThan(60e6);
  expect(desk.entry(device).initialized).toBe(since);
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

test("an attribute that was late once is asked for again at the device's next event", async () => {
  const { desk, device, asked, answers } = openReadingDesk();
  const serial = (): string | undefined => desk.entry(device).properties.get("ID_SERIAL_SHORT");
  await desk.prepare(device, 1n);
  expect(serial()).toBeUndefined();
  answers.set("serial", "A1");
  await desk.prepare(device, undefined); // no event: what was told of it stays so
  expect(serial()).toBeUndefined();
  asked.length = 0;
  await desk.prepare(device, 2n);
  expect(serial()).toBe("A1");
  expect(asked.toSorted()).toEqual(["manufacturer", "product", "serial"]);
  asked.length = 0;
  await desk.prepare(device, 3n);
  expect(asked.toSorted()).toEqual(["manufacturer", "product"]); // what was read stays
});

test("of another device that has come to its place nothing is read", async () => {
  const { desk, device, answers } = openReadingDesk();
  answers.set("serial", "A1");
  device.incarnation = "0";
  await desk.prepare(device, 1n);
  expect(desk.entry(device).properties.has("ID_SERIAL_SHORT")).toBe(false);
});

test("an attribute of a device above it is asked for again at the event of one below", async () => {
  const { desk, device: hub, answers } = openReadingDesk();
  const device = new KnownDevice(`${hub.devpath}/1-1:1.0/input/input0`, "input", "EV=3\0KEY=1\0", "1");
  device.outerParent = hub;
  await desk.prepare(device, 1n);
  answers.set("serial", "A1");
  await desk.prepare(device, 2n);
  expect(desk.entry(device).properties.get("ID_SERIAL_SHORT")).toBe("A1");
});

test("all who ask meanwhile share a reading, and who asks at its end has the next", async () => {
  const { desk, device, asked } = openReadingDesk();
  const first = [desk.prepare(device, 1n), desk.prepare(device, 1n)];
  await first[0];
  expect(asked).toHaveLength(3);
  asked.length = 0;
  await desk.prepare(device, 2n);
  expect(asked.toSorted()).toEqual(["manufacturer", "product", "serial"]);
});

test("what an event has made forgotten is asked for with that event, and not before", async () => {
  const { desk, device, asked, answers } = openReadingDesk();
  let answer = (_text: string): void => {};
  answers.set("product", new Promise<string>((resolve) => (answer = resolve)));
  const first = desk.prepare(device, 1n);
  await new Promise(setImmediate); // the others have answered that they are not there
  const second = desk.prepare(device, 2n);
  answer("Receiver");
  await Promise.all([first, second]);
  expect(asked.splice(0)).toHaveLength(3);
  await desk.prepare(device, 2n);
  expect(asked.toSorted()).toEqual(["manufacturer", "serial"]);
});

test("a device that comes below another one while it is asked is prepared when that has answered too", async () => {
  const { desk, device: hub, answers } = openReadingDesk();
  const [device, other] = [
    new KnownDevice(`${hub.devpath}/1-1:1.0/input/input0`, "input", "EV=3\0KEY=1\0", "1"),
    new KnownDevice("/devices/pci0/usb1/1-2", "usb", hub.state, "1"),
  ];
  device.outerParent = hub;
  const prepared = desk.prepare(device, 1n);
  device.outerParent = other;
  answers.set("serial", "B2");
  await prepared;
  expect(desk.entry(device).properties.get("ID_SERIAL_SHORT")).toBe("B2");
});

/** A desk without a udevd, and a USB device that answers what is in `answers`. */
function openReadingDesk() {
  const device = new KnownDevice("/devices/pci0/usb1/1-1", "usb", "DEVTYPE=usb_device\0PRODUCT=46d/c52b/1211\0", "1");
  const asked: string[] = [];
  const answers = new Map<string, string | Promise<string>>();
  const attribute = async (_devpath: string, name: string): Promise<Uint8Array | undefined> => {
    asked.push(name);
    const answer = await answers.get(name);
    return answer === undefined ? undefined : Buffer.from(answer);
  };
  const devicesOf = (): DeviceTree => ({ attribute, incarnation: () => "1" }) as unknown as DeviceTree;
  const desk = new UdevDesk({ devicesOf, attributeMs: 1, udevMs: 1, udevRuns: () => false, onLate: () => {} });
  return { desk, device, asked, answers };
}
