import { KernelError } from "@uevent-bridge/kernel";
import { expect, test, vi } from "vitest";

import { LOOP0, LOOP1, openScene } from "./scene.js";

test("where /sys cannot be read after an overrun, that is warned of, and read at the next event", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: ["subsystem=block"] });
  const warning = new Promise<Error>((resolve) => void scene.relay.once("warning", resolve));
  scene.kernel.unplug(LOOP1, { silent: true });
  scene.kernel.fail("enumerate", new KernelError("NO_PRIVILEGE", "no", "none"));
  scene.kernel.overrun();
  await scene.rest();
  expect(await warning).toMatchObject({ code: "PATH_UNUSABLE" });
  scene.kernel.change(LOOP0);
  await scene.rest();
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0]);
});

test("where it cannot be read for a while, and the kernel says no more, it is read all the same, and not warned of each time", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: ["subsystem=block"] });
  const warnings: string[] = [];
  scene.relay.on("warning", ({ code }) => warnings.push(code));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  scene.kernel.unplug(LOOP1, { silent: true });
  scene.kernel.overrun();
  for (let second = 0; second < 10; second++) {
    scene.kernel.fail("enumerate", new KernelError("SYSTEM_REFUSED", "no", "none"));
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(warnings).toHaveLength(4); // of ten, the first, the second, the fourth and the eighth
  await vi.advanceTimersByTimeAsync(1000);
  vi.useRealTimers();
  await scene.rest();
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0]);
});
