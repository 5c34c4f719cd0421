import { encodeUdev } from "@uevent-bridge/uevent";
import { expect, test } from "vitest";

import { LOOP0, LOOP1, disk, headers, openScene } from "./scene.js";

const LOOP2 = "/devices/virtual/block/loop2";
const LOOP9 = "/devices/virtual/block/loop9";

test("while an attribute is being read its device waits, with all below it, and nobody else", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: ["attr:size=8", LOOP1] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  const hung = scene.kernel.hang(LOOP2, "size");
  scene.kernel.plug(LOOP2, { ...disk(2), attributes: { size: "8" } });
  scene.kernel.plug(`${LOOP2}/loop2p1`, disk(3));
  scene.kernel.change(LOOP1);
  await scene.kernel.idle();
  expect(headers(listener.readAll())).toEqual([`change@${LOOP1}`]);
  hung.release();
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${LOOP2}`, `add@${LOOP2}/loop2p1`]);
});

test("an allow rule lets in nothing as long as a deny rule of the same policy waits for an attribute", async () => {
  await using scene = await openScene();
  scene.kernel.plug(LOOP2, { ...disk(2), attributes: { size: "8" } });
  const box = await scene.attach({ allow: [LOOP1] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  const hung = scene.kernel.hang(LOOP2, "size");
  const changed = box.setPolicy({ allow: ["subsystem=block"], deny: ["attr:size=8"] });
  await box.trigger(); // an occasion to catch up
  await scene.kernel.idle();
  expect(headers(listener.readAll())).toEqual([`change@${LOOP1}`]);
  hung.release();
  expect(await changed).toEqual({ added: [LOOP0], removed: [] });
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${LOOP0}`]);
});

test("changes of a policy that overlap are all in force in the end, and each says so", async () => {
  await using scene = await openScene();
  scene.kernel.plug(LOOP2, { ...disk(2), attributes: { size: "8" } });
  const box = await scene.attach({});
  const hung = scene.kernel.hang(LOOP2, "size");
  const changes = [box.setPolicy({ allow: [LOOP0], deny: ["attr:size=8"] }), box.allow(LOOP1), box.allow(LOOP2)];
  await scene.kernel.idle();
  hung.release();
  for (const change of await Promise.all(changes)) expect(change.added).toContain(LOOP0);
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0, LOOP1]);
});

test("a container may go while its policy waits for an attribute", async () => {
  await using scene = await openScene();
  scene.kernel.plug(LOOP2, { ...disk(2), attributes: { size: "8" } });
  const box = await scene.attach({});
  const hung = scene.kernel.hang(LOOP2, "size");
  const changed = box.setPolicy({ allow: [LOOP0], deny: ["attr:size=8"] });
  await box.detach();
  hung.release();
  await expect(changed).rejects.toMatchObject({ code: "CLOSED" });
});

test("any number of attributes is read, some at a time", async () => {
  await using scene = await openScene();
  for (let i = 100; i < 1600; i++) {
    scene.kernel.plug(`/devices/virtual/block/loop${i}`, { ...disk(i), attributes: { size: `${i % 2}` } });
  }
  await scene.rest();
  const box = await scene.attach({ allow: ["attr:size=1"] });
  expect(await box.devices()).toHaveLength(750);
});

test("a relay reads few at a time, and once it is closed none of those that it has not begun to read", async () => {
  const scene = await openScene();
  const hung = Array.from({ length: 100 }, (_, i) => {
    const devpath = `/devices/virtual/block/loop${100 + i}`;
    scene.kernel.plug(devpath, disk(100 + i));
    return scene.kernel.hang(devpath, "size");
  });
  await scene.rest();
  const attached = expect(scene.attach({ allow: ["attr:size=1"] })).rejects.toMatchObject({ code: "CLOSED" });
  await scene.kernel.idle();
  await scene.relay.close();
  const begun = hung.filter(({ waiting }) => waiting > 0);
  expect(begun).toHaveLength(16);
  for (const each of begun) each.release();
  await scene.kernel.idle();
  expect(hung.filter(({ waiting }) => waiting > 0)).toEqual([]);
  await attached;
});

test("an attribute that is not answered in time does not match", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: ["attr:size=8"] });
  const listener = scene.listen();
  const hung = scene.kernel.hang(LOOP2, "size");
  scene.kernel.plug(LOOP2, { ...disk(2), attributes: { size: "8" } });
  await scene.kernel.idle();
  hung.timeOut();
  await scene.rest();
  expect(listener.readAll()).toEqual([]);
});

test("while it is read again after an event, the device stays what it was", async () => {
  await using scene = await openScene();
  scene.kernel.plug(LOOP2, { ...disk(2), attributes: { size: "8" } });
  await scene.attach({ allow: ["attr:size=8"] });
  const listener = scene.listen();
  await scene.rest();
  scene.kernel.change(LOOP2);
  await scene.rest();
  scene.kernel.change(LOOP2, { attributes: { size: "9" } });
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${LOOP2}`, `change@${LOOP2}`, `remove@${LOOP2}`]);
});

test("an overrun while events wait for an attribute ends in what there is", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: ["attr:size=8"] });
  const hung = scene.kernel.hang(LOOP2, "size");
  scene.kernel.plug(LOOP2, { ...disk(2), attributes: { size: "8" } });
  scene.kernel.plug(`${LOOP2}/p1`, disk(3));
  scene.kernel.unplug(`${LOOP2}/p1`);
  await scene.kernel.idle();
  scene.kernel.plug(`${LOOP2}/p1`, { ...disk(3), silent: true });
  scene.kernel.overrun();
  await scene.kernel.idle();
  hung.release();
  await scene.rest();
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP2, `${LOOP2}/p1`]);
});

test("when more events wait for an attribute than may, none overtakes another, and what there is is told", async () => {
  await using scene = await openScene({ limits: { waiting: 3 } });
  const box = await scene.attach({ allow: ["attr:size=8"] });
  const hung = scene.kernel.hang(LOOP2, "size");
  scene.kernel.plug(LOOP2, { ...disk(2), attributes: { size: "8" } });
  for (const part of ["p1", "p2", "p3"]) scene.kernel.plug(`${LOOP2}/${part}`, disk(3));
  scene.kernel.unplug(`${LOOP2}/p1`);
  await scene.kernel.idle();
  hung.release();
  await scene.rest();
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP2, `${LOOP2}/p2`, `${LOOP2}/p3`]);
});

test("an attribute that changes when no more may wait is read when there is room", async () => {
  await using scene = await openScene({ limits: { waiting: 2 } });
  scene.kernel.plug(LOOP9, { ...disk(9), attributes: { size: "8" } });
  const box = await scene.attach({ allow: ["attr:size=8"] });
  await scene.rest();
  const hung = scene.kernel.hang(LOOP2, "size");
  scene.kernel.plug(LOOP2, { ...disk(2), attributes: { size: "8" } });
  for (const part of ["p1", "p2"]) scene.kernel.plug(`${LOOP2}/${part}`, disk(3));
  scene.kernel.change(LOOP9, { attributes: { size: "9" } });
  await scene.kernel.idle();
  hung.release();
  await scene.rest();
  expect((await box.devices()).map(({ devpath }) => devpath)).not.toContain(LOOP9);
});

test("while it is read again, another container that asks the same takes it from nobody", async () => {
  await using scene = await openScene();
  scene.kernel.plug(LOOP2, { ...disk(2), attributes: { size: "8" } });
  await scene.attach({ allow: ["attr:size=8"] });
  await scene.rest();
  const hung = scene.kernel.hang(LOOP2, "size");
  scene.kernel.change(LOOP2);
  await scene.kernel.idle();
  const other = scene.attach({ name: "other", allow: ["attr:size=8"] });
  const late = scene.listen("late.sock");
  await scene.kernel.idle();
  expect(headers(late.readAll())).toEqual([`add@${LOOP2}`]);
  hung.release();
  await other;
});

test("a rule that asks udev's database is asked again when udevd has written it", async () => {
  await using scene = await openScene({ udev: true });
  await scene.attach({ allow: ["env:ID_SERIAL=abc"] });
  const listener = scene.listen();
  await scene.rest();
  scene.kernel.change(LOOP0);
  await scene.rest();
  expect(listener.readAll()).toEqual([]);
  scene.kernel.udev(LOOP0, { properties: new Map([["ID_SERIAL", "abc"]]) });
  scene.kernel.emit(udevSays(LOOP0), { to: "udev", portId: 99, groups: 2, pid: 99 });
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${LOOP0}`]);
});

test("what udevd has written when an event of a device comes is known with it, whether udevd is heard or not", async () => {
  await using scene = await openScene({ udev: true });
  await scene.attach({ allow: ["env:ID_SERIAL=abc"] });
  const listener = scene.listen();
  await scene.rest();
  scene.kernel.udev(LOOP0, { properties: new Map([["ID_SERIAL", "abc"]]) });
  scene.kernel.change(LOOP0);
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${LOOP0}`]);
});

test("where no udevd runs, a rule that needs it is warned of by name", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0, "tag=seat"] });
  const warning = await new Promise<Error>((resolve) => void box.once("warning", resolve));
  expect(warning.message).toContain("tag=seat");
});

function udevSays(devpath: string): Uint8Array {
  return encodeUdev([
    ["ACTION", "change"],
    ["DEVPATH", devpath],
    ["SUBSYSTEM", "block"],
    ["SEQNUM", "7"],
  ]);
}

test("what waits below a device whose path another has taken is not told any more", async () => {
  await using scene = await openScene();
  scene.kernel.plug(LOOP2, disk(2));
  await scene.attach({ allow: [LOOP2], deny: ["attr:size=9"] });
  const listener = scene.listen();
  await scene.rest();
  const hung = scene.kernel.hang(`${LOOP2}/loop2p1`, "size");
  scene.kernel.plug(`${LOOP2}/loop2p1`, disk(3));
  await scene.kernel.idle();
  scene.kernel.unplug(LOOP2, { silent: true });
  scene.kernel.plug(LOOP2, disk(4));
  await scene.kernel.idle();
  hung.release();
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${LOOP2}`, `remove@${LOOP2}`, `add@${LOOP2}`]);
});
