import { expect, test } from "vitest";

import { KnownDevice } from "../src/known-device.js";
import { Tree } from "../src/tree.js";

function add(tree: Tree, devpath: string): KnownDevice {
  const device = new KnownDevice(devpath, "misc", "", devpath);
  tree.add(device);
  return device;
}

test("of devices that come and go on paths of their own nothing is left", () => {
  const tree = new Tree();
  const [hub, port] = [add(tree, "/devices/usb1/1-1"), add(tree, "/devices/usb1/1-1/1-1:1.0/tty/ttyUSB0")];
  const { node } = hub;
  tree.delete(port);
  expect(node.down.size).toBe(0);
  expect([tree.get(hub.devpath), tree.get(port.devpath)]).toEqual([hub, undefined]);
  const usb1 = node.up;
  tree.delete(hub);
  expect([usb1?.down.size, usb1?.up?.down.size]).toEqual([0, 0]);
});

test("a directory stays for as long as something below it does", () => {
  const tree = new Tree();
  const [hub, port] = [add(tree, "/devices/usb1/1-1"), add(tree, "/devices/usb1/1-1/tty/ttyUSB0")];
  tree.delete(hub);
  expect([...tree.below("/devices/usb1/1-1")]).toEqual([port]);
  add(tree, hub.devpath);
  expect([...tree.devices()].map(({ devpath }) => devpath)).toEqual([hub.devpath, port.devpath]);
});

test("of a device that is another one than was thought that is known at once, and when it is sure", () => {
  const device = new KnownDevice("/devices/a", "misc", "", "1");
  const seen: string[] = [];
  device.onIdentified = [() => seen.push(device.incarnation)];
  device.identify("1");
  expect(seen).toEqual([]);
  device.identify("2");
  device.settle();
  device.settle();
  expect(seen).toEqual(["2", "2"]);
});

test("trees that share it count of how many of their devices each directory is above", () => {
  const above = new Map<string, number>();
  const [one, other] = [new Tree(above), new Tree(above)];
  const card = add(one, "/devices/usb1/1-1/net/wlan0");
  add(one, card.devpath);
  add(other, card.devpath);
  expect(above.get("/devices/usb1/1-1")).toBe(2);
  expect(above.has(card.devpath)).toBe(false);
  other.move(other.get(card.devpath)!, "/devices/usb1/1-2/net/wlan0");
  expect([above.get("/devices/usb1"), above.get("/devices/usb1/1-1")]).toEqual([2, 1]);
  one.delete(one.get(card.devpath)!);
  expect(above.has("/devices/usb1/1-1")).toBe(false);
  other.leave();
  expect(above.size).toBe(0);
  add(other, card.devpath);
  expect(above.size).toBe(0);
});
