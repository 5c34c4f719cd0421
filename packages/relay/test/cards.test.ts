import type { FakeKernel } from "@uevent-bridge/kernel/testing";
import { expect, test } from "vitest";

import { LOOP0, headers, openScene } from "./scene.js";

const LOOP9 = "/devices/virtual/block/loop9";

/** A stick of USB, and the card that it is. */
const STICK = "/devices/pci0/usb1/1-1";
const CARD = `${STICK}/net/wlan0`;
const USB = {
  subsystem: "usb",
  properties: { DEVTYPE: "usb_device", PRODUCT: "403/6001/600" },
  attributes: { serial: "A1" },
} as const;

test("its own net devices are below the host's: who is given a card has what it has become, and nobody else", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const card = `${LOOP0}/net/wlan0`;
  await scene.attach({ pid: own.pid, allow: ["devname=loop0"] });
  await scene.attach({ name: "other", pid: scene.kernel.container().pid, allow: ["devname=loop0"] });
  const [listener, other] = [scene.listen(), scene.listen("a.sock", { box: "other" })];
  await scene.rest();
  scene.kernel.plug(card, { subsystem: "net", netns: own });
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${LOOP0}`, `add@${card}`]);
  expect(headers(other.readAll())).toEqual([`add@${LOOP0}`]);
});

test.each([
  ["the kernel says of the host's device that it comes", (kernel: FakeKernel) => kernel.plug(STICK, USB)],
  [
    "it only says that it changes",
    (kernel: FakeKernel) => (kernel.plug(STICK, { ...USB, silent: true }), kernel.change(STICK)),
  ],
  ["it lost that", (kernel: FakeKernel) => (kernel.plug(STICK, { ...USB, silent: true }), kernel.overrun())],
])("a card of which its netns hears before the host does is told when %s", async (_when, say) => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  await scene.attach({ pid: own.pid, allow: ["usb=0403:6001"] });
  await scene.attach({ name: "other", pid: own.pid, allow: [LOOP0], deliver: { socket: true } });
  const [listener, other] = [scene.listen(), scene.listen("a.sock", { box: "other" })];
  scene.kernel.plug(CARD, { subsystem: "net", netns: own });
  await scene.rest();
  expect(listener.readAll()).toEqual([]);
  say(scene.kernel);
  await scene.rest();
  const heard = headers(listener.readAll());
  expect(heard.filter((each) => each.startsWith("add")).slice(0, 2)).toEqual([`add@${STICK}`, `add@${CARD}`]);
  expect(heard.length % 4).toBe(2); // told once, or once more after both were taken back: it is not known whether it is the same stick
  expect(headers(other.readAll())).toEqual([`add@${LOOP0}`]);
});

test.each([
  ["another one", "1111/2222/600"],
  ["one that nobody sees", "3333/4444/600"],
])(
  "a card whose stick has gone stays with whoever had it until it goes too: in its place comes %s",
  async (_what, product) => {
    await using scene = await openScene();
    const own = scene.kernel.container();
    const deliver = { socket: true } as const;
    await scene.attach({ name: "a", pid: own.pid, allow: ["usb=0403:6001"], deliver });
    await scene.attach({ name: "b", pid: own.pid, allow: ["usb=1111:2222"], deliver });
    await scene.attach({ name: "c", pid: own.pid, allow: ["sysname=wlan0,attr:mtu=9000"], deliver });
    const listeners = ["a", "b"].map((box) => scene.listen("a.sock", { box }));
    scene.kernel.plug(STICK, USB);
    scene.kernel.plug(CARD, { subsystem: "net", netns: own });
    await scene.rest();
    const hung = scene.kernel.hang(CARD, "mtu"); // so that what its netns says waits
    scene.kernel.change(CARD, { netns: own });
    await scene.kernel.idle();
    scene.kernel.unplug(CARD, { netns: own });
    scene.kernel.unplug(STICK);
    scene.kernel.plug(STICK, { ...USB, properties: { ...USB.properties, PRODUCT: product } });
    scene.kernel.plug(LOOP9, { subsystem: "usb", properties: USB.properties });
    await scene.kernel.idle();
    hung.release();
    await scene.rest();
    const [a, b] = listeners.map((listener) => headers(listener.readAll()).filter((each) => !each.endsWith(LOOP9)));
    expect(a).toEqual([`add@${STICK}`, `add@${CARD}`, `remove@${STICK}`, `change@${CARD}`, `remove@${CARD}`]);
    expect(b).toEqual(product.startsWith("1111") ? [`add@${STICK}`] : []);
  },
);

test("a net device of its own is picked by what the host's device that it is below says of itself", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  scene.kernel.plug(STICK, USB);
  await scene.attach({ pid: own.pid, allow: ["usb=0403:6001:A1,subsystem=net"] });
  const listener = scene.listen();
  await scene.rest();
  scene.kernel.plug(CARD, { subsystem: "net", netns: own });
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${CARD}`]);
});

test("one that was there before is picked by that too, and not any more when it says something else", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  scene.kernel.plug(STICK, USB);
  scene.kernel.plug(CARD, { subsystem: "net", netns: own });
  await scene.attach({ pid: own.pid, allow: ["usb=0403:6001:A1,subsystem=net"] });
  const listener = scene.listen();
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${CARD}`]);
  scene.kernel.change(STICK, { properties: { ...USB.properties, PRODUCT: "1/2/3" } });
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`remove@${CARD}`]);
});

test.each([
  ["that", "A1", [`add@${STICK}`]],
  ["another one", "B2", [`add@${STICK}`, `add@${CARD}`]],
])(
  "a card heard of first is told when it is known whether it is denied: its stick has %s",
  async (_what, serial, told) => {
    await using scene = await openScene();
    const own = scene.kernel.container();
    await scene.attach({ pid: own.pid, allow: ["usb=0403:6001"], deny: ["usb=0403:6001:A1,subsystem=net"] });
    const listener = scene.listen();
    scene.kernel.plug(CARD, { subsystem: "net", netns: own });
    await scene.rest();
    const hung = scene.kernel.hang(STICK, "serial");
    scene.kernel.plug(STICK, { ...USB, attributes: { serial } });
    await scene.kernel.idle();
    expect(headers(listener.readAll())).not.toContain(`add@${CARD}`);
    hung.release();
    await scene.rest();
    expect(headers(listener.readAll())).toEqual(told);
  },
);

test("a card that came before it was heard that another stick had gone is below the one that came", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  await scene.attach({ pid: own.pid, allow: ["usb=1111:2222"] });
  await scene.attach({ name: "b", allow: ["attr:slow=1"], deliver: { socket: true } });
  const listener = scene.listen();
  scene.kernel.plug(STICK, USB);
  await scene.rest();
  const hung = scene.kernel.hang(STICK, "slow"); // so that it waits what is said of the first
  scene.kernel.change(STICK);
  await scene.kernel.idle();
  scene.kernel.unplug(STICK);
  scene.kernel.plug(STICK, { ...USB, properties: { ...USB.properties, PRODUCT: "1111/2222/600" } });
  scene.kernel.plug(CARD, { subsystem: "net", netns: own });
  await scene.kernel.idle();
  hung.release();
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${STICK}`, `add@${CARD}`]);
});
