import { expect, test } from "vitest";

import { needs } from "../needs.js";
import { startConsumer } from "./consumers/consumer.js";
import { enumerate, startLibudev, udevadmUdev } from "./consumers/libudev.js";
import { udevadm, udevd } from "./consumers/udevd.js";
import { until } from "./listener.js";
import type { System } from "./inside/system.js";
import { change } from "./loops.js";
import { Scene } from "./scene.js";

const needed = needs("root", "loop devices", "debian package udev", "debian package python3-pyudev");
const deliver = { netlink: "auto" } as const;
const WHERE = "/usr/lib/systemd"; // the host's, in the container too
const UDEVD = `${WHERE}/systemd-udevd`;

const hideUdevd = (system: System) => system.run("mount", "-t", "tmpfs", "tmpfs", WHERE);
const installUdevd = (system: System) => system.run("umount", WHERE);

test(
  "where no udevd is installed, programs of the kernel's group and of libudev hear, and find /run/udev",
  needed,
  async () => {
    await using scene = await Scene.start();
    hideUdevd(scene.system);
    const box = await scene.attach({ deliver });
    expect(box.delivery.at(-1)).toMatchObject({ channel: "netlink", choice: "both" });
    const kernel = await startConsumer(udevadm, scene.system);
    const udev = await startLibudev(udevadmUdev, scene.system);
    await until(() => kernel.heard().length > 0 && udev.heard().length > 0, "the coldplug is heard");
    for (const devpath of [scene.hidden, scene.mine]) change(devpath);
    const ends = (heard: readonly string[]) => heard.at(-1) === `change@${scene.mine}`;
    await until(() => ends(kernel.heard()) && ends(udev.heard()), "the event is heard");
    expect(udev.heard()).toEqual([`add@${scene.mine}`, `change@${scene.mine}`]);
    expect(enumerate(scene.system)).toEqual([scene.mine]);
  },
);

test(
  "a udevd that starts after the attach finds its place, and tells its programs each event once",
  needed,
  async () => {
    await using scene = await Scene.start();
    const box = await scene.attach({ deliver });
    expect(box.delivery.at(-1)).toMatchObject({
      choice: "kernel",
      reason: expect.stringContaining("a udevd is installed") as string,
    });
    const daemon = await startConsumer(udevd, scene.system);
    const isBusy = (): boolean => scene.system.exists("/run/udev/queue"); // it tells its programs after its rules ran
    await until(() => daemon.heard().length > 0 && !isBusy(), "the coldplug is heard, and told");
    const udev = await startLibudev(udevadmUdev, scene.system);
    for (const devpath of [scene.hidden, scene.mine]) change(devpath);
    await until(() => udev.heard().includes(`change@${scene.mine}`), "the event is heard");
    expect(daemon.heard()).toEqual([`add@${scene.mine}`, `change@${scene.mine}`]);
    expect(udev.heard()).toEqual([`change@${scene.mine}`]);
  },
);

test("a udevd that runs already is known", needed, async () => {
  await using scene = await Scene.start();
  await startConsumer(udevd, scene.system);
  await until(() => scene.system.exists("/run/udev/control"), "it listens");
  const box = await scene.attach({ deliver });
  expect(box.delivery.at(-1)).toMatchObject({
    choice: "kernel",
    reason: expect.stringContaining("its udevd tells") as string,
  });
});

test("one that is installed while it is attached gets its place within seconds, and it is said", needed, async () => {
  await using scene = await Scene.start();
  hideUdevd(scene.system);
  const box = await scene.attach({ deliver });
  const warned = new Promise<Error>((resolve) => void box.once("warning", resolve));
  expect(scene.system.exists("/run/udev/control")).toBe(true);
  installUdevd(scene.system);
  expect(await warned).toMatchObject({
    code: "PATH_UNUSABLE",
    message: expect.stringContaining("a udevd has come") as string,
  });
  await until(() => !scene.system.exists("/run/udev/control"), "its place is free");
  const heard = await startConsumer(udevd, scene.system);
  await until(() => heard.heard().length > 0, "it hears the coldplug");
  expect(heard.heard()).toEqual([`add@${scene.mine}`]);
  expect(box.delivery.at(-1)).toMatchObject({ choice: "kernel" });
});

test("a udevd dies where our /run/udev is, which is why auto leaves one its place", needed, async () => {
  await using scene = await Scene.start();
  await scene.attach({ deliver: { netlink: "both" } });
  const tried = scene.system.run("sh", "-c", `${UDEVD} 2>&1; echo status $?`);
  expect(tried).toMatch(/Failed to bind udev control socket[^]*status 1/);
});
