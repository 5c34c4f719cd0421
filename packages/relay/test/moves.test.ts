import type { FakeKernel } from "@uevent-bridge/kernel/testing";
import { expect, test } from "vitest";

import { History } from "./history.js";
import { LOOP1, headers, openScene } from "./scene.js";

const [ONE, TWO] = ["/devices/virtual/misc/one", "/devices/virtual/misc/two"];
const MISC = { subsystem: "misc" } as const;

async function openMisc(...devpaths: readonly string[]) {
  const scene = await openScene();
  for (const devpath of devpaths) scene.kernel.plug(devpath, MISC);
  return scene;
}

test("a device that moves out from below what a container sees is taken back, and told when it comes back", async () => {
  await using scene = await openMisc(ONE, TWO, `${ONE}/x`, `${ONE}/x/below`);
  await scene.attach({ allow: ["sysname=one"] });
  await scene.attach({ name: "other", allow: ["sysname=two"] });
  const [one, two] = ["box", "other"].map((box) => scene.listen("a.sock", { box }));
  await scene.rest();
  scene.kernel.move(`${ONE}/x`, `${TWO}/x`);
  await scene.rest();
  scene.kernel.move(`${TWO}/x`, `${ONE}/x`);
  await scene.rest();
  const added = [`add@${ONE}/x`, `add@${ONE}/x/below`];
  expect(headers(one?.readAll() ?? [])).toEqual([
    `add@${ONE}`,
    ...added,
    `remove@${ONE}/x/below`,
    `remove@${ONE}/x`,
    ...added,
  ]);
  expect(headers(two?.readAll() ?? [])).toEqual([
    `add@${TWO}`,
    `add@${TWO}/x`,
    `add@${TWO}/x/below`,
    `remove@${TWO}/x/below`,
    `remove@${TWO}/x`,
  ]);
});

test("a device that moved and is gone at once is taken back without what only its move said", async () => {
  await using scene = await openMisc(ONE, TWO, `${ONE}/x`);
  await scene.attach({ allow: ["sysname=one"] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  scene.kernel.move(`${ONE}/x`, `${TWO}/x`);
  scene.kernel.unplug(`${TWO}/x`);
  await scene.rest();
  const heard = listener.readAll();
  expect(headers(heard)).toEqual([`remove@${ONE}/x`]);
  expect(Buffer.concat(heard).toString("latin1")).not.toContain("DEVPATH_OLD");
});

test("an attribute of a device that moves there and back is that device's own", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: ["subsystem=misc"], deny: ["attr:secret=1"] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  scene.kernel.plug(ONE, { ...MISC, attributes: { secret: "1" } });
  scene.kernel.move(ONE, TWO);
  scene.kernel.move(TWO, ONE);
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([]);
});

test("an attribute is that of the device that came to a path, once its move is applied", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: ["attr:size=1"] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  for (const devpath of [ONE, TWO]) scene.kernel.plug(devpath, { ...MISC, attributes: { size: "1" } });
  scene.kernel.unplug(TWO);
  scene.kernel.move(ONE, TWO);
  await scene.rest();
  expect(headers(listener.readAll()).at(-1)).toBe(`add@${TWO}`);
});

test("who takes the place of one that moves is told after it, however long an attribute takes", async () => {
  await using scene = await openScene();
  scene.kernel.plug(ONE, { ...MISC, attributes: { size: "1" } });
  await scene.attach({ allow: ["subsystem=misc"], deny: ["attr:size=2"] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  const hung = scene.kernel.hang(TWO, "size");
  scene.kernel.move(ONE, TWO);
  scene.kernel.plug(ONE, { ...MISC, attributes: { size: "3" } });
  await scene.kernel.idle();
  expect(headers(listener.readAll())).toEqual([]);
  hung.release();
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`move@${TWO}`, `add@${ONE}`]);
});

test("a parent that goes does not overtake what waits below it", async () => {
  await using scene = await openMisc(ONE, TWO);
  const box = await scene.attach({ allow: ["subsystem=misc"], deny: ["attr:size=2"] });
  const listener = scene.listen();
  await scene.rest();
  const hung = scene.kernel.hang(`${TWO}/one`, "size");
  scene.kernel.move(ONE, `${TWO}/one`);
  scene.kernel.unplug(TWO);
  await scene.kernel.idle();
  hung.release();
  await scene.rest();
  const history = new History(true);
  for (const bytes of listener.readAll()) history.hear(bytes);
  expect(history.faults).toEqual([]);
  expect([...history.told.keys()]).toEqual([]);
  expect(await box.devices()).toEqual([]);
});

test("a rule that comes while a device is being decided takes it from others as it should", async () => {
  await using scene = await openMisc(TWO);
  const box = await scene.attach({ allow: ["attr:size=1"] });
  await scene.attach({ name: "other", allow: ["subsystem=misc"], deny: [ONE] });
  const listener = scene.listen("a.sock", { box: "other" });
  await scene.rest();
  const hung = scene.kernel.hang(ONE, "size");
  scene.kernel.move(TWO, ONE);
  await scene.kernel.idle();
  const changed = box.allow(ONE); // the same rule
  await scene.kernel.idle();
  hung.release();
  expect(await changed).toEqual({ added: [ONE], removed: [] });
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${TWO}`, `remove@${TWO}`]);
});

test("what went unsaid below a device is taken back with it", async () => {
  await using scene = await openMisc(ONE, `${ONE}/p`, `${ONE}/p/c`);
  await scene.attach({ allow: ["sysname=p"] });
  const listener = scene.listen();
  await scene.rest();
  await scene.attach({ name: "other", allow: [LOOP1] }); // another policy: who sees what is worked out anew
  scene.kernel.unplug(`${ONE}/p/c`, { silent: true });
  scene.kernel.unplug(`${ONE}/p`);
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([
    `add@${ONE}/p`,
    `add@${ONE}/p/c`,
    `remove@${ONE}/p/c`,
    `remove@${ONE}/p`,
  ]);
});

test("a device that moved before its add was read, with what is below it, is still the same at the next overrun", async () => {
  await using scene = await openMisc(ONE, `${ONE}/x`);
  scene.kernel.move(ONE, TWO);
  await scene.attach({ allow: ["subsystem=misc"] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  scene.kernel.overrun();
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([]);
});

test("who has the old path by the time its move is read does not pass for it", async () => {
  await using scene = await openScene();
  scene.kernel.plug(ONE, { ...MISC, attributes: { size: "1" } });
  const box = await scene.attach({ allow: ["attr:size=1"] });
  const listener = scene.listen();
  await scene.rest();
  scene.kernel.plug(TWO, { ...MISC, silent: true });
  scene.kernel.overrun();
  scene.kernel.during("enumerate", () => {
    scene.kernel.unplug(TWO);
    scene.kernel.move(ONE, TWO);
    scene.kernel.plug(ONE, { ...MISC, attributes: { size: "2" } });
  });
  await scene.rest();
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([TWO]);
  const history = new History(true);
  for (const bytes of listener.readAll()) history.hear(bytes);
  expect(history.faults).toEqual([]);
  expect([...history.told.keys()]).toEqual([TWO]);
});

test.each([
  ["was there", [ONE, `${ONE}/x`]],
  ["has just come", [ONE]],
])("what an event said beside of a device that %s is not said of it where its parent has moved", async (_, there) => {
  await using scene = await openMisc(...there);
  await scene.attach({ allow: ["subsystem=misc"] });
  await scene.rest();
  if (there.length === 1) scene.kernel.plug(`${ONE}/x`, MISC);
  scene.kernel.change(`${ONE}/x`, { extras: { BESIDE: "1" } });
  scene.kernel.move(ONE, TWO);
  await scene.rest();
  const newcomer = scene.listen("b.sock");
  await scene.rest();
  const heard = newcomer.readAll();
  expect(headers(heard)).toEqual([`add@${TWO}`, `add@${TWO}/x`]);
  expect(Buffer.concat(heard).toString("latin1")).not.toContain("BESIDE");
});

test.each<readonly [string, (kernel: FakeKernel) => void]>([
  ["moves", (kernel) => kernel.move(ONE, TWO)],
  ["moves and is gone at once", (kernel) => (kernel.move(ONE, TWO), kernel.unplug(TWO))],
  ["comes and moves at once", (kernel) => (kernel.plug(`${ONE}/x`, MISC), kernel.move(`${ONE}/x`, TWO))],
  ["comes and goes at once", (kernel) => (kernel.plug(TWO, MISC), kernel.unplug(TWO))],
])("/sys is not read again for a device that %s", async (_, happen) => {
  await using scene = await openMisc(ONE);
  await scene.attach({ allow: ["subsystem=misc"] });
  await scene.rest();
  let isRead = false;
  scene.kernel.during("enumerate", () => void (isRead = true));
  happen(scene.kernel);
  await scene.rest();
  expect(isRead).toBe(false);
});

test("a device that moves is asked anew for what it says of itself", async () => {
  await using scene = await openScene();
  scene.kernel.plug(ONE, { ...MISC, attributes: { size: "2" } });
  await scene.attach({ allow: ["attr:size=1"] });
  const listener = scene.listen();
  await scene.rest();
  scene.kernel.change(ONE, { attributes: { size: "1" }, silent: true });
  scene.kernel.move(ONE, TWO);
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${TWO}`]);
});

test("what the move of a device says is what it is from then on", async () => {
  await using scene = await openMisc(ONE);
  await scene.attach({ allow: ["subsystem=misc"] });
  await scene.rest();
  scene.kernel.move(ONE, TWO, { properties: { NAME: "two" } });
  await scene.rest();
  const newcomer = scene.listen();
  await scene.rest();
  expect(Buffer.concat(newcomer.readAll()).toString("latin1")).toContain("\0NAME=two\0");
});
