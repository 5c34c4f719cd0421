import { join } from "node:path";

import type { Part, TestSys } from "@uevent-bridge/kernel/contract";
import { openLinux } from "@uevent-bridge/linux";
import { afterAll, beforeAll } from "vitest";

import { Disk } from "../../../../test/real/disk.js";
import { withLoops } from "../../../../test/real/loops.js";
import type { Loops } from "../../../../test/real/loops.js";
import { temporaryDirectory } from "../../../../test/real/temporary.js";
import { startOwn } from "./containers.js";
import { Holder } from "./holds.js";
import { knownDevices } from "./known-devices.js";
import type { Common } from "./linux-world.js";
import { isRoot } from "./privilege.js";

/** What a network namespace has of its own. */
export const OWN: readonly Part[] = [
  "source",
  "overrun",
  "sender",
  "peer",
  "directory",
  "target",
  "injector",
  "helper",
  "devices",
];

/** What is another in each namespace: it hears and sees its own devices. */
export const HEARD: readonly Part[] = ["source", "overrun", "devices"];

/** What a container has of its devices. */
export const VIEW: readonly Part[] = ["device directory", "sys directory", "device rights"];

/** What the worlds of a test file have in common, from its first test to its last. */
export function useCommon(): () => Common {
  let common: Common;
  let loops: Loops | undefined;
  let disk: Disk | undefined;
  let image: ReturnType<typeof temporaryDirectory> | undefined;

  beforeAll(async () => {
    const agent = await startOwn();
    await agent.ask("mountSysfs");
    await agent.ask("createVeth", "numbers0", "numbers1");
    loops = isRoot ? withLoops(3) : undefined;
    const [loop, device = "", other] = loops?.devices ?? [];
    image = loops && temporaryDirectory();
    disk = image && new Disk(device, join(image.path, "image"));
    const disks = disk && ([...disk.devices, other] as unknown as TestSys["devices"]); // two partitions
    common = { agent, loop, disks, holder: await Holder.make(), devices: await knownDevices(openLinux()) };
  });

  afterAll(async () => {
    await common.agent.end();
    common.holder.close();
    disk?.[Symbol.dispose]();
    image?.[Symbol.dispose]();
    loops?.[Symbol.dispose]();
  });

  return () => common;
}
