import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import type { Container } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { needs } from "../needs.js";
import { enumerate } from "./consumers/libudev.js";
import { UID_BASE } from "./container.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

const needed = needs("root", "loop devices", "debian package udev", "debian package python3-pyudev");

test(
  "a container that has the directories bound in hears the next relay too, when the one before was closed",
  needed,
  async () => {
    using directory = temporaryDirectory();
    chmodSync(directory.path, 0o711); // the container's root has to come through
    using loops = withLoops(1);
    const [mine = ""] = loops.devices;
    const deliver = {
      socket: { dir: join(directory.path, "box"), uid: UID_BASE, gid: UID_BASE },
      netlink: "udev",
    } as const;
    const attach = async (): Promise<AsyncDisposable & { box: Container }> => {
      const relay = await openRelay({ kernel: openLinux(), runtimeDir: directory.path });
      const box = await relay.attach({ name: "box", allow: [mine], deliver });
      return { box, [Symbol.asyncDispose]: () => relay.close() };
    };
    const first = await attach();
    const mounts = first.box.mounts;
    await using system = await System.start(mounts);
    expect(enumerate(system)).toEqual([mine]);
    await first[Symbol.asyncDispose]();
    {
      await using second = await attach();
      expect(second.box.mounts).toEqual(mounts);
      expect(enumerate(system)).toEqual([mine]);
      const listener = system.startPython(new URL("listener.py", import.meta.url), "/run/uevent/a.sock");
      await until(() => listener.lines.length === 1, "it has its coldplug");
      change(mine);
      await until(() => listener.lines.length === 2, "it hears the event");
      expect(listener.lines).toEqual([`add@${mine}`, `change@${mine}`]);
    }
    await system.end();
    expect(mounts.map(({ source }) => existsSync(source))).toEqual([true, true]); // the relay did not make the first of them
  },
);
