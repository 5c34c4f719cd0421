import { join } from "node:path";

import { describeKernel } from "@uevent-bridge/kernel/contract";
import type { MakeWorld, Part } from "@uevent-bridge/kernel/contract";
import type { TestSys } from "@uevent-bridge/kernel/contract";
import { openLinux } from "@uevent-bridge/linux";
import { afterAll, beforeAll, describe } from "vitest";

import { Disk } from "../../../test/real/disk.js";
import { withLoops } from "../../../test/real/loops.js";
import type { Loops } from "../../../test/real/loops.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { cgroupsOf } from "../src/rights/cgroups.js";
import { startOwn } from "./world/containers.js";
import { isRoot } from "./world/privilege.js";
import { Holder } from "./world/holds.js";
import { knownDevices } from "./world/known-devices.js";
import { makeHostWorld, makeOwnWorld } from "./world/linux-world.js";
import type { Common } from "./world/linux-world.js";

/** What a network namespace has of its own. */
const OWN: readonly Part[] = [
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

if (isRoot) describeKernel("Linux", (options) => Promise.resolve(makeHostWorld(common, options)));
describeKernel(
  "Linux, in a network namespace of its own",
  (options) => Promise.resolve(makeOwnWorld(common, options)),
  {
    ...(isRoot && { only: OWN }),
  },
);
describe.runIf(isRoot && cgroupsOf(process.pid).devices !== undefined)(
  "where cgroup v1 says what may be opened",
  () => {
    const world: MakeWorld = (options) => Promise.resolve(makeHostWorld(common, options, "devices"));
    describeKernel("Linux", world, { only: ["device rights"] });
  },
);
