import { expect, test } from "vitest";

import { packed } from "./forms.js";
import { LOOP0, LOOP1, disk, headers, latin1, openScene, seqnums } from "./scene.js";

test("a listener is told what is there, then what happens to it, and nothing of anything else", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: [LOOP0, LOOP1], deny: [LOOP1] });
  const listener = scene.listen();
  await scene.rest();
  scene.kernel.change(LOOP1);
  scene.kernel.change(LOOP0);
  scene.kernel.unplug(LOOP0);
  scene.kernel.plug(LOOP0, disk(0));
  await scene.rest();
  const heard = listener.readAll();
  expect(headers(heard)).toEqual([`add@${LOOP0}`, `change@${LOOP0}`, `remove@${LOOP0}`, `add@${LOOP0}`]);
  expect(seqnums(heard)).toEqual([1, 2, 3, 4]);
});

test("an add that we make is the kernel's own, byte for byte but for SEQNUM", async () => {
  await using scene = await openScene();
  const said: Uint8Array[] = [];
  const source = scene.kernel.openSource({
    group: "kernel",
    onBatch: ({ count, slab, starts, ends }) => {
      for (let i = 0; i < count; i++) said.push(slab.slice(starts[i], ends[i]));
    },
  });
  source.resume();
  scene.kernel.plug("/devices/virtual/block/loop2", disk(2));
  await scene.attach({ allow: ["subsystem=block"] });
  await scene.rest();
  source.close();
  const late = scene.listen("late.sock");
  await scene.rest();
  const made = late.readAll().find((bytes) => latin1(bytes).includes("loop2"));
  const withoutSeqnum = (bytes: Uint8Array | undefined) => bytes && latin1(bytes).replace(/SEQNUM=\d+/, "");
  expect(withoutSeqnum(made)).toBe(withoutSeqnum(said[0]));
});

test("nothing allowed, nothing told", async () => {
  await using scene = await openScene();
  const box = await scene.attach();
  const listener = scene.listen();
  scene.kernel.change(LOOP0);
  await scene.rest();
  expect(listener.readAll()).toEqual([]);
  expect(await box.devices()).toEqual([]);
});

test("a device that matches by its driver is told alike, whether it was there before the attach or came later", async () => {
  const parent = "/devices/pci0/usb1/1-1";
  const child = `${parent}/1-1:1.0/tty/ttyACM0`;
  const told: string[][] = [];
  for (const first of ["attach", "plug"]) {
    await using scene = await openScene();
    const plug = () => {
      scene.kernel.plug(parent, { subsystem: "usb" });
      scene.kernel.plug(child, { subsystem: "tty" });
      scene.kernel.bind(parent, "cdc_acm");
    };
    if (first === "plug") plug();
    await scene.attach({ allow: ["driver=cdc_acm"] });
    const listener = scene.listen();
    await scene.rest();
    if (first === "attach") plug();
    await scene.rest();
    told.push(listener.readAll().map((bytes) => latin1(bytes)));
  }
  expect(told[0]?.map((text) => text.split("\0", 1)[0])).toEqual([`add@${parent}`, `add@${child}`]);
  expect(told[0]).toEqual(told[1]);
});

test("a queue below a told device passes by path, a module is nobody's", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: ["subsystem=block"] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  scene.kernel.kobject(`${LOOP0}/mq/0`, "queues");
  scene.kernel.kobject("/module/loop", "module");
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${LOOP0}/mq/0`]);
});

test("forged and malformed datagrams are dropped and stop nothing", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: [LOOP0] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  const forged = Buffer.from(`remove@${LOOP0}\0ACTION=remove\0DEVPATH=${LOOP0}\0SUBSYSTEM=block\0SEQNUM=9\0`);
  scene.kernel.emit(forged, { portId: 4711 });
  scene.kernel.emit(forged, { groups: 0 });
  scene.kernel.emit(forged, { pid: 4711 });
  scene.kernel.emit(Buffer.from("rubbish"));
  const { events } = scene.relay.counters;
  scene.kernel.change(LOOP0);
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`change@${LOOP0}`]);
  expect(scene.relay.counters).toEqual({ events: events + 1, forged: 3, malformed: 1, overruns: 0, resyncs: 0 });
});

test("with coldplug off only what happens is told", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: [LOOP0], coldplug: false });
  const listener = scene.listen();
  await scene.rest();
  scene.kernel.change(LOOP0);
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`change@${LOOP0}`]);
});

test("in msgpack no datagram is larger than a socket takes, however much is told at once", async () => {
  await using scene = await openScene();
  const devpaths = Array.from({ length: 100 }, (_, i) => `/devices/virtual/misc/m${100 + i}`);
  for (const devpath of devpaths)
    scene.kernel.plug(devpath, { subsystem: "misc", properties: { LONG: "x".repeat(2000) } });
  await scene.rest();
  await scene.attach({ allow: ["subsystem=misc"] });
  const listener = scene.listen("a.msgpack.sock");
  await scene.rest();
  const datagrams = listener.readAll();
  expect(headers(datagrams.flatMap(packed))).toEqual(devpaths.map((devpath) => `add@${devpath}`));
  for (const { length } of datagrams) expect(length).toBeLessThanOrEqual(60 * 1024);
});
