import type { FakeContainer, FakeHelper } from "@uevent-bridge/kernel/testing";
import type { BridgeError, Container } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import type { Scene } from "./scene.js";
import { LOOP0, LOOP1, headers, openScene } from "./scene.js";

const DELIVER = { exec: "mdev" } as const;

/** A container in which mdev is run for the events of loop0. */
async function attach(scene: Scene): Promise<{ box: Container; inside: FakeContainer; helper: FakeHelper }> {
  const inside = scene.kernel.container();
  const box = await scene.attach({ pid: inside.pid, allow: [LOOP0], deliver: DELIVER });
  return { box, inside, helper: helperOf(inside) };
}

function helperOf({ helpers }: FakeContainer): FakeHelper {
  const [helper] = helpers;
  if (!helper || helpers.length > 1) throw new Error(`${helpers.length} helpers`);
  return helper;
}

function warningsOf(box: Container): BridgeError[] {
  const warnings: BridgeError[] = [];
  box.on("warning", (warning) => warnings.push(warning));
  return warnings;
}

test("the program is run for what the container may see, its coldplug first", async () => {
  await using scene = await openScene();
  const { box, helper } = await attach(scene);
  for (const devpath of [LOOP1, LOOP0]) scene.kernel.change(devpath);
  await scene.rest();
  expect(helper.program).toBe("mdev");
  expect(headers(helper.ran)).toEqual([`add@${LOOP0}`, `change@${LOOP0}`]);
  expect(box.delivery.at(-1)).toMatchObject({ channel: "exec", choice: "mdev" });
});

test("it is run from join() on where the container starts later", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0], deliver: DELIVER });
  expect(box.delivery.at(-1)).toMatchObject({ channel: "exec", choice: "off" });
  const inside = scene.kernel.container();
  await box.join({ pid: inside.pid });
  await scene.rest();
  expect(headers(helperOf(inside).ran)).toEqual([`add@${LOOP0}`]);
});

test("a program that cannot be run is an error of attach, and of join, which may be tried again", async () => {
  await using scene = await openScene();
  const inside = scene.kernel.container();
  inside.lacks.add("mdev");
  const attached = scene.attach({ pid: inside.pid, name: "a", deliver: DELIVER });
  await expect(attached).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
  const box = await scene.attach({ allow: [LOOP0], deliver: DELIVER });
  await expect(box.join({ pid: inside.pid })).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
  inside.lacks.clear();
  await box.join({ pid: inside.pid });
  await scene.rest();
  expect(headers(helperOf(inside).ran)).toEqual([`add@${LOOP0}`]);
});

test("programs that do not end hold up nobody else; what is lost is said, and made up for", async () => {
  await using scene = await openScene({ limits: { waitingBytes: 4096 } });
  const { box, helper } = await attach(scene);
  await scene.rest();
  const gaps: unknown[] = [];
  box.on("gap", (gap) => gaps.push(gap));
  helper.stall();
  for (let n = 0; n < 1000; n++) scene.kernel.change(LOOP0);
  await scene.rest();
  helper.goOn();
  await scene.rest();
  expect(gaps).toMatchObject([{ where: "container" }]);
  scene.kernel.unplug(LOOP0);
  await scene.rest();
  expect(headers(helper.ran).at(-1)).toBe(`remove@${LOOP0}`);
});

test("what goes wrong with it is said the first time, the second, the fourth …", async () => {
  await using scene = await openScene();
  const { box, helper } = await attach(scene);
  const warnings = warningsOf(box);
  for (let n = 0; n < 9; n++) helper.fail("mdev exited with 1");
  await scene.rest();
  await expect.poll(() => warnings.length).toBe(4);
  expect(warnings[0]?.message).toBe("box: mdev exited with 1");
});

test("that the container ended what runs it is said once", async () => {
  await using scene = await openScene();
  const { box, helper } = await attach(scene);
  const warnings = warningsOf(box);
  helper.end();
  scene.kernel.change(LOOP0);
  await scene.rest();
  await expect.poll(() => warnings.length).toBe(1);
  expect(warnings[0]).toMatchObject({ code: "TARGET_GONE", message: expect.stringContaining("mdev") as string });
  expect(box.delivery.at(-1)).toMatchObject({ channel: "exec", choice: "off" });
});

test("the end of the container is no trouble of it", async () => {
  await using scene = await openScene();
  const { box, inside, helper } = await attach(scene);
  const warnings = warningsOf(box);
  helper.end();
  inside.end();
  await scene.rest();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(warnings).toEqual([]);
});

test.each(["detach", "close"] as const)("%s() waits for it to end", async (way) => {
  await using scene = await openScene();
  const { box, helper } = await attach(scene);
  let ended = false;
  void helper.ended.then(() => (ended = true));
  await (way === "detach" ? box.detach() : scene.relay.close());
  expect(ended).toBe(true);
});
