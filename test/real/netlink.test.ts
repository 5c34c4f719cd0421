import { writeFileSync } from "node:fs";

import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { needs } from "../needs.js";
import { startContainer } from "./container.js";
import { headers, until } from "./listener.js";
import { withLoops } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

describe("a container's own netlink", needs("root", "loop devices"), () => {
  test("its readers hear their device and no other", async () => {
    using directory = temporaryDirectory();
    using loops = withLoops(2);
    const [mine, other] = loops.devices as [string, string];
    await using container = await startContainer();
    const kernel = openLinux();
    const heard: Uint8Array[] = [];
    const inside = kernel.openTarget({ pid: container.pid });
    const reader = inside.openSource({
      group: "kernel",
      onBatch: (batch) => {
        for (let i = 0; i < batch.count; i++) heard.push(batch.slab.slice(batch.starts[i], batch.ends[i]));
      },
    });
    reader.resume();
    await using relay = await openRelay({ kernel, runtimeDir: directory.path });
    await using box = await relay.attach({
      name: "box",
      pid: container.pid,
      allow: [mine],
      deliver: { netlink: "kernel" },
    });
    writeFileSync(`/sys${mine}/uevent`, "change");
    writeFileSync(`/sys${other}/uevent`, "change");
    await box.settle();
    await until(() => heard.length >= 2, "two events arrived");
    expect(headers(heard)).toEqual([`add@${mine}`, `change@${mine}`]);
    reader.close();
    inside.close();
  });
});
