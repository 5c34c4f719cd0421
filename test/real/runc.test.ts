import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { needs } from "../needs.js";
import { startConsumer } from "./consumers/consumer.js";
import { udevadm, udevd } from "./consumers/udevd.js";
import { UID_BASE } from "./container.js";
import { Runc } from "./inside/runc.js";
import { until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

const needed = needs("root", "loop devices", "debian package runc", "debian package udev", "debian package python3");

test(
  "runc binds in what attach names; the container is told there, and by its netlink once it has joined",
  needed,
  async () => {
    using directory = temporaryDirectory();
    using loops = withLoops(2);
    const [mine = "", hidden = ""] = loops.devices;
    await using relay = await openRelay({ kernel: openLinux(), runtimeDir: directory.path });
    await using box = await relay.attach({
      name: "box",
      allow: [mine],
      deliver: { socket: { dir: join(directory.path, "box"), uid: UID_BASE, gid: UID_BASE }, netlink: "auto" },
    });
    await using container = await Runc.start(directory.path, box.mounts);
    const listener = container.startPython(new URL("listener.py", import.meta.url), "/run/uevent/a.sock");
    await until(() => listener.lines.length > 0, "the listener has its coldplug");
    const consumers = [await startConsumer(udevd, container), await startConsumer(udevadm, container)];
    await box.join({ pid: container.pid });
    expect(box.delivery).toMatchObject([{ channel: "socket" }, { channel: "netlink", choice: "kernel" }]);
    await until(() => consumers.every((each) => each.heard().length > 0), "the coldplug is heard");
    for (const devpath of [hidden, mine]) change(devpath);
    const all = [{ heard: () => listener.lines }, ...consumers];
    await until(() => all.every((each) => each.heard().length > 1), "the event is heard");
    for (const each of all) expect(each.heard()).toEqual([`add@${mine}`, `change@${mine}`]);
  },
);
