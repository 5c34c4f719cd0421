import type { FakeListener } from "@uevent-bridge/kernel/testing";
import { encodeUdev } from "@uevent-bridge/uevent";
import { expect, test } from "vitest";

import { LOOP0, LOOP1, disk, headers, latin1, openScene, seqnums } from "../scene.js";
import type { Scene } from "../scene.js";
import { heads, messages } from "./messages.js";

const USB = "/devices/pci0000:00/0000:00:08.0/usb1/1-1";
const keyboard = {
  subsystem: "usb",
  properties: { DEVTYPE: "usb_device", PRODUCT: "627/1/0" },
  attributes: { serial: "42" },
} as const;

/** What a newcomer is told first: on a machine that is busy it may have to wait for its turn. */
async function coldplug(scene: Scene, listener: FakeListener | undefined): Promise<readonly Uint8Array[]> {
  for (let tries = 0; tries < 200; tries++) {
    await scene.rest();
    const heard = listener?.readAll() ?? [];
    if (heard.length > 0) return heard;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("nothing was told");
}

test("a socket that asks for it is told in udev's form, with numbers of its own, and first what is there", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: [LOOP0] });
  const early = scene.listen("early.udev.sock");
  const first = await coldplug(scene, early);
  scene.kernel.change(LOOP0);
  scene.kernel.change(LOOP1);
  await scene.rest();
  const late = scene.listen("late.udev.sock");
  const firstLate = await coldplug(scene, late);
  scene.kernel.unplug(LOOP0);
  await scene.rest();
  const heard = messages([...first, ...early.readAll()]);
  const heardLate = messages([...firstLate, ...late.readAll()]);
  expect(heads(heard)).toEqual([`add@${LOOP0}`, `change@${LOOP0}`, `remove@${LOOP0}`]);
  expect(heads(heardLate)).toEqual([`add@${LOOP0}`, `remove@${LOOP0}`]);
  expect([heard, heardLate].map((all) => all.map(({ seqnum }) => seqnum))).toEqual([
    [1n, 2n, 3n],
    [1n, 2n],
  ]);
  for (const { env, tags } of heard) {
    expect(env.get("DEVNAME")).toBe("/dev/loop0");
    expect(tags).toEqual(["systemd"]);
  }
});

test("the longest suffix that has a form wins; libudev-zero's is udev's without the header", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: [LOOP0] });
  const names = ["udev.sock", "a.b.sock", "x.msgpack.udev.sock", "z.libudev-zero.sock"];
  const [kernel, plain, udev, zero] = names.map((name) => scene.listen(name));
  for (const listener of [kernel, plain]) expect(headers(await coldplug(scene, listener))).toEqual([`add@${LOOP0}`]);
  const [message] = messages(await coldplug(scene, udev));
  expect((await coldplug(scene, zero)).map(latin1)).toEqual([message?.properties]);
});

test("what a full one loses is said by a step of SEQNUM and made good", async () => {
  await using scene = await openScene({ limits: { waitingBytes: 1000 } });
  const box = await scene.attach({ allow: [LOOP0, LOOP1] });
  const gaps: unknown[] = [];
  box.on("gap", (gap) => gaps.push(gap));
  const [slow, other] = [scene.listen("slow.udev.sock", { queue: 1 }), scene.listen("other.udev.sock")];
  expect(await coldplug(scene, other)).toHaveLength(2); // and the slow one, which came before, has one of its two
  const heard: Uint8Array[] = [];
  for (let n = 0; n < 20; n++) scene.kernel.change(LOOP0, { extras: { COUNT: `${n}` } }); // none stands for another
  scene.kernel.unplug(LOOP1);
  await scene.rest();
  expect(other.readAll()).toHaveLength(21);
  for (let datagram = slow.read(); datagram; datagram = slow.read()) {
    heard.push(datagram);
    await scene.rest();
  }
  const said = messages(heard);
  const all = 2 + 20 + 2; // coldplug, changes, and what makes good: that a device went is left to it
  expect(heads(said).slice(-2)).toEqual([`remove@${LOOP1}`, `change@${LOOP0}`]);
  expect(said.at(-1)?.seqnum).toBe(BigInt(all));
  expect(gaps).toEqual([{ kind: "gap", lost: all - heard.length, where: "listener" }]);
  expect(heard.length).toBeLessThan(all);
});

test("attributes are read first; meanwhile others are told, and the kernel's form waits for nobody", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: [USB, LOOP0] });
  const [udev, kernel] = [scene.listen("a.udev.sock"), scene.listen("a.sock")];
  await coldplug(scene, udev);
  await coldplug(scene, kernel);
  const hung = scene.kernel.hang(USB, "serial");
  scene.kernel.plug(USB, keyboard);
  scene.kernel.change(LOOP0);
  await scene.kernel.idle();
  expect(heads(messages(udev.readAll()))).toEqual([`change@${LOOP0}`]);
  expect(headers(kernel.readAll())).toEqual([`add@${USB}`, `change@${LOOP0}`]);
  hung.release();
  await scene.rest();
  const [added] = messages(udev.readAll());
  expect(added?.env.get("ID_SERIAL_SHORT")).toBe("42");
});

test("/run/udev is kept where nobody listens, and an entry is there when the first is told of its device", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [USB, LOOP0], deliver: { socket: true, netlink: "udev" } }); // not started
  expect(box.mounts.map(({ destination }) => destination)).toEqual(["/run/uevent", "/run/udev"]);
  const entries = () => scene.kernel.udevDirectory("/run/bridge/.udev/box");
  await scene.rest();
  expect([...(entries()?.keys() ?? [])]).toEqual(["b7:0"]);
  const listener = scene.listen("a.udev.sock");
  await coldplug(scene, listener);
  const hung = scene.kernel.hang(USB, "serial");
  scene.kernel.plug(USB, keyboard);
  await scene.kernel.idle();
  expect([...(entries()?.keys() ?? [])]).toEqual(["b7:0"]);
  hung.release();
  const told = () => heads(messages(listener.readAll())).length > 0;
  while (!told()) {
    await new Promise((resolve) => setImmediate(resolve));
    await scene.kernel.idle();
  }
  expect([...(entries()?.keys() ?? [])]).toEqual(["b7:0", "+usb:1-1"]);
  scene.kernel.unplug(USB);
  await scene.rest();
  expect([...(entries()?.keys() ?? [])]).toEqual(["b7:0"]);
});

test("who comes while udevd deals with a device is told of it when udevd has", async () => {
  await using scene = await openScene({ udev: true });
  const host = scene.kernel.container({ netns: "host" }).reader();
  await scene.attach({ allow: ["subsystem=block"] });
  const early = scene.listen("early.udev.sock");
  await coldplug(scene, early);
  scene.kernel.plug("/devices/virtual/block/loop2", disk(2));
  await scene.kernel.idle();
  const late = scene.listen("late.udev.sock");
  await scene.kernel.idle();
  scene.kernel.udev("/devices/virtual/block/loop2", { properties: new Map([["ID_SERIAL", "two"]]) });
  const pairs = [
    ["ACTION", "add"],
    ["DEVPATH", "/devices/virtual/block/loop2"],
    ["SUBSYSTEM", "block"],
    ["SEQNUM", `${seqnums(host.readAll()).at(-1)}`],
  ] as const;
  scene.kernel.emit(encodeUdev(pairs), { to: "udev", portId: 99, groups: 2, pid: 99 });
  for (const listener of [early, late]) {
    const heard = messages(await coldplug(scene, listener)).filter(({ devpath }) => devpath.endsWith("loop2"));
    expect(heard.map(({ action, env }) => `${action} ${env.get("ID_SERIAL")}`)).toEqual(["add two"]);
  }
});
