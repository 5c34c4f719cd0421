import { KernelError } from "@uevent-bridge/kernel";
import { expect, test } from "vitest";

import { LOOP0, LOOP1, disk, openScene } from "./scene.js";

const NUMBER0 = { type: "block", major: 7, minor: 0 } as const;
const NUMBER1 = { type: "block", major: 7, minor: 1 } as const;
const PID = 815;

/** A scene whose container is known by its process. */
async function begin() {
  const scene = await openScene();
  const inside = scene.kernel.container();
  const box = await scene.attach({ allow: ["subsystem=block"], pid: inside.pid });
  await scene.rest();
  return { scene, inside, box };
}

test("who has a device open is not asked by default, and keeps it", async () => {
  const { scene, inside, box } = await begin();
  await using _ = scene;
  const use = inside.use(NUMBER0, { pid: PID });
  expect(await box.revoke(LOOP0)).toEqual({ added: [], removed: [LOOP0] });
  expect([use.isOpen, inside.cgroup.isFrozen]).toEqual([true, false]);
});

test("they are named, with what they do with it", async () => {
  const { scene, inside, box } = await begin();
  await using _ = scene;
  inside.use(NUMBER0, { pid: PID, comm: "dd" });
  inside.use(NUMBER0, { comm: "\x1b[1m", how: "mapped" });
  inside.use(NUMBER0, { comm: "sh", how: "mounted", place: "/mnt" });
  inside.use(NUMBER1);
  const { openBy, ended } = await box.revoke(LOOP0, { open: "name" });
  expect(openBy).toEqual({
    holders: [
      { pid: PID, comm: "dd", devpath: LOOP0, how: "open" },
      { pid: inside.pid, comm: "\x1b[1m", devpath: LOOP0, how: "mapped" },
      { pid: inside.pid, comm: "sh", devpath: LOOP0, how: "mounted", place: "/mnt" },
    ],
    more: false,
  });
  expect(ended).toBeUndefined();
  expect((await box.explain(LOOP0)).openBy).toEqual(openBy);
});

test("they are ended, but for those that only see a file system of it or cannot end", async () => {
  const { scene, inside, box } = await begin();
  await using _ = scene;
  const ends = inside.use(NUMBER0, { pid: PID, how: "mapped" });
  const stays = inside.use(NUMBER0, { pid: PID + 1, isStuck: true });
  const mount = inside.use(NUMBER0, { pid: PID + 2, how: "mounted", place: "/mnt" });
  const other = inside.use(NUMBER1, { pid: PID + 3 });
  const { openBy, ended } = await box.revoke(LOOP0, { open: "end" });
  expect(ended?.map(({ pid }) => pid)).toEqual([PID]);
  expect(openBy?.holders.map(({ pid }) => pid)).toEqual([PID + 1, PID + 2]);
  expect([ends, stays, mount, other].map(({ isOpen }) => isOpen)).toEqual([false, true, true, true]);
});

test("what is below the device is closed with it", async () => {
  const { scene, inside, box } = await begin();
  await using _ = scene;
  const part = `${LOOP0}/loop0p1`;
  scene.kernel.plug(part, { ...disk(1), properties: { MAJOR: "259", MINOR: "3", DEVNAME: "loop0p1" } });
  await scene.rest();
  inside.use({ type: "block", major: 259, minor: 3 }, { pid: PID });
  const { openBy } = await box.revoke(LOOP0, { open: "name" });
  expect(openBy?.holders).toMatchObject([{ pid: PID, devpath: part }]);
});

test("rules that let less in close what they take out", async () => {
  const { scene, inside, box } = await begin();
  await using _ = scene;
  const [use, stays] = [inside.use(NUMBER0, { pid: PID }), inside.use(NUMBER1, { pid: PID + 1 })];
  const { removed, ended } = await box.setPolicy({ allow: [LOOP1] }, { open: "end" });
  expect([removed, ended?.length, use.isOpen, stays.isOpen]).toEqual([[LOOP0], 1, false, true]);
});

test("a device that goes meanwhile is let be: its number may be another's", async () => {
  const { scene, inside, box } = await begin();
  await using _ = scene;
  const use = inside.use(NUMBER0, { pid: PID });
  const changed = box.setPolicy({ allow: [LOOP1] }, { open: "end" });
  scene.kernel.unplug(LOOP0);
  scene.kernel.run();
  expect(await changed).toEqual({ added: [], removed: [LOOP0], openBy: { holders: [], more: false }, ended: [] });
  expect(use.isOpen).toBe(true);
});

test("programs are frozen if one of them has it in use, until they are thawed", async () => {
  const { scene, inside, box } = await begin();
  await using _ = scene;
  await box.revoke(LOOP1, { open: "freeze" });
  expect(inside.cgroup.isFrozen).toBe(false);
  inside.use(NUMBER0, { pid: PID });
  expect((await box.explain(LOOP0)).frozen).toBeUndefined();
  const { openBy, frozen } = await box.revoke(LOOP0, { open: "freeze" });
  expect([frozen, (await box.explain(LOOP0)).frozen]).toEqual([true, true]);
  expect([openBy?.holders.length, inside.cgroup.isFrozen]).toEqual([1, true]);
  await box.thaw();
  expect(inside.cgroup.isFrozen).toBe(false);
});

test.each(["detach", "close"] as const)("nothing stays frozen after %s", async (word) => {
  const { scene, inside, box } = await begin();
  await using _ = scene;
  inside.use(NUMBER0);
  await box.revoke(LOOP0, { open: "freeze" });
  expect(inside.cgroup.isFrozen).toBe(true);
  await (word === "detach" ? box.detach() : scene.relay.close());
  expect(inside.cgroup.isFrozen).toBe(false);
});

test("what a killed relay has frozen goes on, and what somebody else has stays", async () => {
  const { scene, inside, box } = await begin();
  await using _ = scene;
  await box.detach();
  await scene.kernel.openTarget({ pid: inside.pid }).freeze(); // and is killed
  const next = await scene.attach({ pid: inside.pid });
  expect(inside.cgroup.isFrozen).toBe(false);
  inside.cgroup.freeze();
  await next.thaw();
  expect(inside.cgroup.isFrozen).toBe(true);
});

test("where they cannot be frozen the device is taken all the same, and it is said", async () => {
  const { scene, inside, box } = await begin();
  await using _ = scene;
  inside.use(NUMBER0);
  scene.kernel.fail("freeze", new KernelError("TARGET_SHARES_HOST", "the host is in it", "start it apart"));
  await expect(box.revoke(LOOP0, { open: "freeze" })).rejects.toMatchObject({
    code: "TARGET_SHARES_HOST",
    message: expect.stringMatching(/taken from it.*go on: the host is in it/) as unknown,
    remedy: 'End them (open: "end"), or start it apart.',
  });
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP1]);
});

test("where no process is known it is said that there may be some", async () => {
  const scene = await openScene();
  await using _ = scene;
  const box = await scene.attach({ allow: ["subsystem=block"] });
  expect((await box.revoke(LOOP0, { open: "end" })).openBy).toEqual({ holders: [], more: true });
  expect((await box.explain(LOOP0)).openBy).toEqual({ holders: [], more: true });
});
