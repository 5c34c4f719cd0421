import { expect, test } from "vitest";

import { History } from "./history.js";
import { LOOP0, disk, headers, latin1, openScene } from "./scene.js";

const LOOP2 = "/devices/virtual/block/loop2";

/** The disk that its DISKSEQ tells from others at its path. */
function numbered(minor: number, diskseq: string) {
  const { subsystem, properties } = disk(minor);
  return { subsystem, properties: { ...properties, DISKSEQ: diskseq } };
}

async function openDisks() {
  const scene = await openScene();
  await scene.attach({ allow: ["subsystem=block"] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  return { scene, listener, [Symbol.asyncDispose]: () => scene.relay.close() };
}

test.each([
  ["add", [`add@${LOOP2}`]],
  ["remove", []],
])(
  "of a device that came unheard what is told when somebody writes %s is one add, or nothing",
  async (action, told) => {
    await using opened = await openDisks();
    const { scene, listener } = opened;
    scene.kernel.plug(LOOP2, { ...disk(2), silent: true });
    scene.kernel.synthetic(LOOP2, action);
    await scene.rest();
    expect(headers(listener.readAll())).toEqual(told);
  },
);

test("a device that goes unheard is taken back as it was, and not as the one that has its path", async () => {
  await using opened = await openDisks();
  const { scene, listener } = opened;
  scene.kernel.plug(LOOP2, numbered(2, "1"));
  await scene.rest();
  listener.readAll();
  scene.kernel.unplug(LOOP2, { silent: true });
  scene.kernel.plug(LOOP2, { ...numbered(2, "2"), silent: true });
  scene.kernel.overrun();
  await scene.rest();
  const heard = listener.readAll();
  expect(headers(heard)).toEqual([`remove@${LOOP2}`, `add@${LOOP2}`]);
  expect(heard.map((bytes) => /DISKSEQ=(\d+)/.exec(latin1(bytes))?.[1])).toEqual(["1", "2"]);
});

test("a device whose add is read when another one has its path unheard is told to have gone", async () => {
  await using opened = await openDisks();
  const { scene, listener } = opened;
  const history = new History(true);
  scene.kernel.plug(LOOP2, numbered(2, "1"));
  scene.kernel.unplug(LOOP2, { silent: true });
  scene.kernel.plug(LOOP2, { ...numbered(2, "2"), silent: true });
  scene.kernel.overrun();
  await scene.rest();
  const heard = listener.readAll();
  for (const bytes of heard) history.hear(bytes);
  expect(headers(heard).at(-1)).toBe(`add@${LOOP2}`);
  expect([history.faults, [...history.told]]).toEqual([[], [[LOOP2, "2"]]]);
});

test("a hole is looked into once, and what is the same is told to nobody", async () => {
  await using opened = await openDisks();
  const { scene, listener } = opened;
  scene.kernel.change(LOOP0);
  scene.kernel.overrun();
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`change@${LOOP0}`]);
});
