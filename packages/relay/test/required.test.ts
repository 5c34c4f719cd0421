import { expect, test } from "vitest";

import { LOOP0, LOOP1, disk, openScene } from "./scene.js";

test("what a rule requires must be there at attach", async () => {
  await using scene = await openScene();
  for (const allow of [["subsystem=tty,required"], [LOOP0, "devname=loop9,required"]]) {
    const attaching = scene.attach({ allow });
    await expect(attaching).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
    await expect(attaching).rejects.toThrow(allow.at(-1));
  }
  await expect(scene.attach({ allow: [`${LOOP0},required`], deny: [LOOP0] })).rejects.toThrow(/needs a device/);
  const box = await scene.attach({ allow: [`${LOOP0},required`] });
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0]);
});

test("what a rule requires and another holds is said with who holds it", async () => {
  await using scene = await openScene();
  await scene.attach({ name: "a", allow: [`${LOOP0},exclusive`] });
  const attaching = scene.attach({ name: "b", allow: [`${LOOP0},required`, LOOP1] });
  await expect(attaching).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
  await expect(attaching).rejects.toThrow(`${LOOP0},required, and a holds ${LOOP0} alone`);
  await expect(attaching).rejects.toMatchObject({
    remedy: expect.stringContaining(`uevent-bridge revoke a ${LOOP0}`) as string,
  });
});

test("when the last device goes that a rule requires, it is said once, and once more after one has come", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: ["subsystem=block,required"] });
  const warnings: string[] = [];
  box.on("warning", ({ code, message }) => warnings.push(`${code} ${message}`));
  const said = async (): Promise<number> => {
    await scene.rest();
    return warnings.length;
  };
  scene.kernel.unplug(LOOP0);
  expect(await said()).toBe(0);
  scene.kernel.unplug(LOOP1);
  expect(await said()).toBe(1);
  expect(warnings).toEqual([
    "PATH_UNUSABLE box needs a device by the rule subsystem=block,required, and it has no such device any more",
  ]);
  scene.kernel.plug(LOOP0, disk(0));
  scene.kernel.change(LOOP0);
  expect(await said()).toBe(1);
  await box.deny(LOOP0);
  expect(await said()).toBe(2);
});

test("a rule that requires a device and comes later says at once that there is none", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0] });
  const warnings: string[] = [];
  box.on("warning", ({ message }) => warnings.push(message));
  await box.allow("subsystem=tty,required");
  await scene.rest();
  expect(warnings).toEqual([
    "box needs a device by the rule subsystem=tty,required, and it has no such device any more",
  ]);
});
