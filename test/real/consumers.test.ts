import { describe, expect, test } from "vitest";

import { needs } from "../needs.js";
import { startConsumer } from "./consumers/consumer.js";
import type { ConsumerKind } from "./consumers/consumer.js";
import { inject } from "./consumers/inject.js";
import { mdev } from "./consumers/mdev.js";
import { CONSUMERS } from "./consumers/table.js";
import { UID_BASE } from "./container.js";
import { until } from "./listener.js";
import { change } from "./loops.js";
import { ownTimeUntil } from "./own-time.js";
import { Scene } from "./scene.js";

/** It has no id in the container, where it reads as 65534. */
const HOST_ROOT = 0;
/** Milliseconds within which a program that starts late must know what there is. */
const COLDPLUG_MS = 1500;

const needed = ({ debian }: ConsumerKind) => needs("root", "loop devices", `debian package ${debian}`);

describe.each(CONSUMERS)("$name in a container", (kind) => {
  test("hears the events of its device and none of another's", needed(kind), async () => {
    await using scene = await Scene.start();
    const consumer = await startConsumer(kind, scene.system);
    await using _box = await scene.attach();
    await until(() => consumer.heard().length > 0, "the coldplug is heard");
    for (let i = 0; i < 3; i++) for (const devpath of [scene.hidden, scene.mine]) change(devpath);
    await until(() => consumer.heard().length >= 4, "the last event is heard");
    expect(consumer.heard()).toEqual([`add@${scene.mine}`, ...Array<string>(3).fill(`change@${scene.mine}`)]);
  });

  test("hears at once what there is when it starts after attach", needed(kind), async () => {
    await using scene = await Scene.start();
    await using _box = await scene.attach();
    const consumer = await startConsumer(kind, scene.system);
    const took = await ownTimeUntil(() => consumer.heard().length > 0, "the coldplug is heard");
    expect(took).toBeLessThan(COLDPLUG_MS);
    for (const devpath of [scene.hidden, scene.mine]) change(devpath);
    await until(() => consumer.heard().length >= 2, "the event is heard");
    expect(consumer.heard()).toEqual([`add@${scene.mine}`, `change@${scene.mine}`]);
  });

  test("hears nothing of a relay that leaves its netlink alone", needed(kind), async () => {
    await using scene = await Scene.start();
    const consumer = await startConsumer(kind, scene.system);
    await using box = await scene.attach({ deliver: { netlink: "off" } });
    change(scene.mine);
    await box.settle();
    inject(scene.system, UID_BASE, "change", scene.hidden);
    await until(() => consumer.heard().length > 0, "it hears the container's root");
    expect(consumer.heard()).toEqual([`change@${scene.hidden}`]);
  });
});

describe.each(CONSUMERS.filter((kind) => kind !== mdev))("$name in a container", (kind) => {
  test("is deaf to the host's root, which is nobody there", needed(kind), async () => {
    await using scene = await Scene.start();
    const consumer = await startConsumer(kind, scene.system);
    inject(scene.system, HOST_ROOT, "add", scene.mine);
    inject(scene.system, UID_BASE, "change", scene.mine);
    await until(() => consumer.heard().includes(`change@${scene.mine}`), "it hears the container's root");
    expect(consumer.heard().filter((event) => event !== "ended")).toEqual([`change@${scene.mine}`]);
  });
});

describe("busybox mdev -d in a container", () => {
  test("hears anybody: it does not look at the sender", needed(mdev), async () => {
    await using scene = await Scene.start();
    const consumer = await startConsumer(mdev, scene.system);
    inject(scene.system, HOST_ROOT, "change", scene.mine);
    await until(() => consumer.heard().length > 0, "it hears the host's root");
    expect(consumer.heard()).toEqual([`change@${scene.mine}`]);
  });

  test("makes the links of its configuration", needed(mdev), async () => {
    await using scene = await Scene.start();
    const consumer = await startConsumer(mdev, scene.system);
    await using _box = await scene.attach();
    await until(() => consumer.heard().length > 0, "the coldplug is heard");
    const name = scene.mine.split("/").at(-1) ?? "";
    expect(scene.system.run("readlink", `/dev/${name}`).trim()).toBe(`linked/${name}`);
  });
});
