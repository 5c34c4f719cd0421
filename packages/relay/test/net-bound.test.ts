import { expect, test } from "vitest";

import { LOOP0, openScene } from "./scene.js";

const MOST = 1024; // of a container's own netns
const net = (n: number): string => `/devices/virtual/net/veth${String(n).padStart(4, "0")}`;

/** A container with so many net devices in a netns of its own. */
async function openCrowd(count: number) {
  const scene = await openScene();
  const own = scene.kernel.container();
  for (let n = 0; n < count; n++) scene.kernel.plug(net(n), { subsystem: "net", netns: own });
  const warnings: string[] = [];
  scene.relay.on("warning", ({ message }) => warnings.push(message));
  const box = await scene.attach({ pid: own.pid, allow: ["subsystem=net", LOOP0] });
  await scene.rest();
  const known = async () => (await box.devices()).map(({ devpath }) => devpath).filter((each) => each !== LOOP0);
  return { scene, own, warnings, known };
}

test("of a crowd of net devices only so many are known, as are those that come where there are fewer", async () => {
  const { scene, own, warnings, known } = await openCrowd(MOST + 1);
  await using _scene = scene;
  expect(await known()).toHaveLength(MOST);
  scene.kernel.plug(net(5000), { subsystem: "net", netns: own });
  await scene.rest();
  expect(await known()).not.toContain(net(5000));
  expect(warnings).toEqual([
    expect.stringMatching(/^\/sys\/class\/net of .* more than 1024 devices; only these are told$/),
  ]);
  for (let n = 0; n < 300; n++) scene.kernel.unplug(net(n), { netns: own });
  await scene.rest();
  expect(await known()).toHaveLength(MOST + 2 - 300); // all of them
});

test("who is known stays, and what happens to it is told, when others come before it in /sys", async () => {
  const { scene, own, warnings, known } = await openCrowd(MOST);
  await using _scene = scene;
  const before = await known();
  expect([before.length, warnings]).toEqual([MOST, []]);
  const first = "/devices/virtual/net/a";
  scene.kernel.plug(first, { subsystem: "net", netns: own });
  scene.kernel.overrun({ netns: own });
  await scene.rest();
  expect(await known()).toEqual(before);
  scene.kernel.move(net(0), "/devices/virtual/net/lan0", { netns: own });
  await scene.rest();
  expect((await known()).toSorted()).toEqual(["/devices/virtual/net/lan0", ...before.slice(1)]);
  expect(warnings).toHaveLength(1);
});

test("who has too many again and again is not said to each time", async () => {
  const { scene, own, warnings } = await openCrowd(MOST + 1);
  await using _scene = scene;
  for (let times = 0; times < 4; times++) {
    for (let n = 0; n < 300; n++) scene.kernel.unplug(net(n), { netns: own });
    await scene.rest();
    for (let n = 0; n < 300; n++) scene.kernel.plug(net(n), { subsystem: "net", netns: own });
    await scene.rest();
  }
  expect(warnings).toHaveLength(3); // the first, second and fourth time of five
});

test("the host's net devices are all known", async () => {
  await using scene = await openScene();
  for (let n = 0; n <= MOST; n++) scene.kernel.plug(net(n), { subsystem: "net" });
  await scene.rest();
  expect(await scene.relay.devices({ allow: ["subsystem=net"] })).toHaveLength(MOST + 1);
});
