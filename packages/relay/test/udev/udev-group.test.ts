import { expect, test } from "vitest";

import { LOOP0, LOOP1, disk, latin1, openScene } from "../scene.js";
import { heads, messages } from "./messages.js";

const VETH = "/devices/virtual/net/veth0";
const USB = "/devices/pci0000:00/0000:00:08.0/usb1/1-1";

test("programs of libudev are told what is there and what happens, in their own form and with numbers of their own", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const [udev, kernel] = [own.reader({ group: "udev" }), own.reader()];
  await scene.attach({ pid: own.pid, allow: [LOOP0], deliver: { netlink: "udev" } });
  await scene.rest();
  scene.kernel.change(LOOP1);
  scene.kernel.change(LOOP0);
  scene.kernel.unplug(LOOP0);
  await scene.rest();
  const heard = messages(udev.readAll());
  expect(heads(heard)).toEqual([`add@${LOOP0}`, `change@${LOOP0}`, `remove@${LOOP0}`]);
  expect(heard.map(({ seqnum }) => seqnum)).toEqual([1n, 2n, 3n]);
  for (const { env, tags } of heard) {
    expect(env.get("DEVNAME")).toBe("/dev/loop0");
    expect(env.get("USEC_INITIALIZED")).toMatch(/^[1-9]\d*$/);
    expect(tags).toEqual(["systemd"]);
  }
  expect(kernel.readAll()).toEqual([]);
});

test("those of libudev-zero are told the properties without a header, and those of the kernel with both", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const groups = ["kernel", "udev", "libudev-zero"] as const;
  const [kernel, udev, zero] = groups.map((group) => own.reader({ group }));
  await scene.attach({ pid: own.pid, allow: [LOOP0], deliver: { netlink: "both" } });
  await scene.rest();
  const [message] = messages(udev?.readAll() ?? []);
  const [bare] = zero?.readAll() ?? [];
  const keys = (text: string) => text.split("\0").map((pair) => pair.split("=", 1)[0]);
  expect(keys(latin1(bare ?? new Uint8Array()))).toEqual(keys(message?.properties ?? ""));
  expect(latin1(kernel?.read() ?? new Uint8Array())).toMatch(/^add@.*\0DEVNAME=loop0\0/);
});

test("attributes that the properties need are read first; events of other devices go on", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const udev = own.reader({ group: "udev" });
  await scene.attach({ pid: own.pid, allow: [USB, LOOP0], deliver: { netlink: "udev" } });
  await scene.rest();
  udev.readAll();
  const hung = scene.kernel.hang(USB, "product");
  const properties = { DEVTYPE: "usb_device", PRODUCT: "627/1/0", TYPE: "0/0/0", DEVNAME: "bus/usb/001/002" };
  const attributes = { manufacturer: "QEMU", product: "QEMU USB Keyboard", serial: "42" };
  scene.kernel.plug(USB, { subsystem: "usb", properties, attributes });
  scene.kernel.plug(`${USB}/1-1:1.0`, { subsystem: "usb", properties: { DEVTYPE: "usb_interface" } });
  scene.kernel.change(LOOP0);
  await scene.kernel.idle();
  expect(heads(messages(udev.readAll()))).toEqual([`change@${LOOP0}`]);
  hung.release();
  await scene.rest();
  const heard = messages(udev.readAll());
  expect(heads(heard)).toEqual([`add@${USB}`, `add@${USB}/1-1:1.0`]);
  expect(heard[0]?.env.get("ID_SERIAL")).toBe("QEMU_QEMU_USB_Keyboard_42");
  expect(heard[0]?.env.get("ID_VENDOR_ID")).toBe("0627");
});

test("what is plugged and gone while an attribute is read is told as both", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const udev = own.reader({ group: "udev" });
  await scene.attach({ pid: own.pid, allow: [USB], deliver: { netlink: "udev" } });
  await scene.rest();
  const hung = scene.kernel.hang(USB, "serial");
  scene.kernel.plug(USB, { subsystem: "usb", properties: { DEVTYPE: "usb_device" }, attributes: { serial: "1" } });
  scene.kernel.unplug(USB);
  await scene.kernel.idle();
  expect(udev.readAll()).toEqual([]);
  hung.release();
  await scene.rest();
  expect(heads(messages(udev.readAll()))).toEqual([`add@${USB}`, `remove@${USB}`]);
});

test("more than may wait for attributes is lost, and made good when they are known", async () => {
  await using scene = await openScene({ limits: { waiting: 3, waitingBytes: 1500 } });
  const own = scene.kernel.container();
  const udev = own.reader({ group: "udev" });
  await scene.attach({ pid: own.pid, allow: [USB], deliver: { netlink: "udev" } });
  await scene.rest();
  for (let round = 0; round < 30; round++) {
    const hung = scene.kernel.hang(USB, "serial");
    scene.kernel.plug(USB, { subsystem: "usb", properties: { DEVTYPE: "usb_device" }, attributes: { serial: "1" } });
    for (let n = 0; n < 5; n++) scene.kernel.plug(`${USB}/1-1:1.${n}`, { subsystem: "usb" });
    await scene.kernel.idle();
    hung.release();
    await scene.rest();
    for (let n = 0; n < 5; n++) scene.kernel.unplug(`${USB}/1-1:1.${n}`);
    scene.kernel.unplug(USB);
    await scene.rest();
    const told = new Set<string>();
    const heard = messages(udev.readAll());
    expect(heads(heard)).toContain(`add@${USB}`);
    for (const { action, devpath } of heard) {
      expect(told.has(devpath)).toBe(action !== "add");
      if (action === "add") told.add(devpath);
      if (action === "remove") told.delete(devpath);
    }
    expect([...told]).toEqual([]);
  }
});

test("where the host's udevd runs, its database says what is known", async () => {
  await using scene = await openScene({ udev: true });
  const own = scene.kernel.container();
  const udev = own.reader({ group: "udev" });
  const properties = new Map([["ID_SERIAL", "abc"]]);
  scene.kernel.udev(LOOP0, { properties, tags: ["seat", "uaccess"], links: ["/dev/disk/by-id/abc"] });
  await scene.attach({ pid: own.pid, allow: [LOOP0], deliver: { netlink: "udev" } });
  await scene.rest();
  const [told] = messages(udev.readAll());
  expect(told?.env.get("ID_SERIAL")).toBe("abc");
  expect(told?.env.get("DEVLINKS")).toBe("/dev/disk/by-id/abc");
  expect(told?.tags).toEqual(["seat", "uaccess"]);
});

test("a container's own net devices are told there: no udevd tells of them", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const udev = own.reader({ group: "udev" });
  await scene.attach({ pid: own.pid, allow: ["subsystem=net"], deliver: { netlink: "udev" } });
  await scene.rest();
  scene.kernel.plug(VETH, { subsystem: "net", netns: own });
  scene.kernel.plug(`${VETH}1`, { subsystem: "net" });
  await scene.rest();
  expect(heads(messages(udev.readAll()))).toEqual([`add@${VETH}`]);
});

test("a reader that comes late is told what is there", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  await scene.attach({ pid: own.pid, allow: [LOOP0, LOOP1], deliver: { netlink: "udev" } });
  await scene.rest();
  const late = own.reader({ group: "udev" });
  await new Promise((resolve) => setTimeout(resolve, 300)); // it is looked for four times a second
  await scene.rest();
  expect(heads(messages(late.readAll()))).toEqual([`add@${LOOP0}`, `add@${LOOP1}`]);
});

test("a reader that comes while something waits takes no remove from the others", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const first = own.reader({ group: "udev" });
  await scene.attach({ pid: own.pid, allow: [LOOP0, USB], deliver: { netlink: "udev" } });
  await scene.rest();
  const hung = scene.kernel.hang(USB, "serial");
  scene.kernel.plug(USB, { subsystem: "usb", properties: { DEVTYPE: "usb_device" }, attributes: { serial: "1" } });
  await scene.kernel.idle();
  const late = own.reader({ group: "udev" });
  await new Promise((resolve) => setTimeout(resolve, 300)); // it is looked for four times a second
  scene.kernel.unplug(LOOP0);
  await scene.kernel.idle();
  hung.release();
  await scene.rest();
  expect(heads(messages(first.readAll()))).toEqual([`add@${LOOP0}`, `add@${USB}`, `remove@${LOOP0}`, `add@${USB}`]);
  expect(heads(messages(late.readAll()))).toEqual([`add@${USB}`, `remove@${LOOP0}`, `add@${USB}`]);
  expect([...(scene.kernel.udevDirectory("/run/bridge/.udev/box")?.keys() ?? [])]).toEqual(["+usb:1-1"]);
});

test("programs that hear the host's kernel already may be told so; those of the host's own netns may not", async () => {
  await using scene = await openScene();
  const initial = scene.kernel.container({ userns: "initial", netns: "initial" });
  const udev = initial.reader({ group: "udev" });
  await scene.attach({ name: "a", pid: initial.pid, allow: [LOOP0], deliver: { netlink: "udev" } });
  await scene.rest();
  expect(heads(messages(udev.readAll()))).toEqual([`add@${LOOP0}`]);
  const { pid } = scene.kernel.container({ netns: "host" });
  const attached = scene.attach({ name: "b", pid, allow: [LOOP0], deliver: { netlink: "udev" } });
  await expect(attached).rejects.toMatchObject({ code: "TARGET_SHARES_HOST" });
});

test("a disk's number and its event are the same in both forms", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const udev = own.reader({ group: "udev" });
  await scene.attach({ pid: own.pid, allow: ["subsystem=block"], deliver: { netlink: "udev" } });
  await scene.rest();
  udev.readAll();
  scene.kernel.plug("/devices/virtual/block/loop7", disk(7));
  await scene.rest();
  const [told] = messages(udev.readAll());
  expect([told?.env.get("MAJOR"), told?.env.get("MINOR"), told?.env.get("DEVTYPE")]).toEqual(["7", "7", "disk"]);
});
