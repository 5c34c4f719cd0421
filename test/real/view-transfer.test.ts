import { chmodSync } from "node:fs";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import type { Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { test, vi } from "vitest";

import { needs } from "../needs.js";
import { devpathOf } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";
import { expectHandedOver, startOpener } from "./view/handing-over.js";
import { compilePrograms } from "./view/opener.js";
import { Plugger } from "./view/plugger.js";

const TRANSFERS = Number(process.env["TRANSFERS"] ?? 30);
const LOWEST = 1_041_000; // numbers of loop devices that no other test takes
vi.setConfig({ testTimeout: 60_000 + 1000 * TRANSFERS });

const needed = needs("root", "loop devices", "cgroups", "a compiler");

test(
  `a device goes ${TRANSFERS} times from one container to another: both never have it, nor does it get lost`,
  needed,
  async () => {
    await using stack = new Stack();
    const directory = stack.use(temporaryDirectory()).path;
    chmodSync(directory, 0o755);
    compilePrograms(directory);
    const plugger = stack.use(new Plugger(join(directory, "plugger")));
    const number = LOWEST + Math.floor(Math.random() * 7000);
    await plugger.disk(number);
    const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir: join(directory, "runtime") }));
    const boxes = [
      await startBox(stack, relay, { name: "a", number, directory, allow: [`${devpathOf(number)}, exclusive`] }),
      await startBox(stack, relay, { name: "b", number, directory, allow: [] }),
    ] as const;
    const transfer = (_: unknown, { name }: { readonly name: string }) => relay.transfer(devpathOf(number), name);
    await expectHandedOver({ boxes, name: `loop${number}`, times: TRANSFERS, transfer });
  },
);

interface Box {
  readonly name: string;
  readonly number: number;
  readonly directory: string;
  readonly allow: readonly string[];
}

async function startBox(stack: Stack, relay: Relay, { name, allow, ...tried }: Box) {
  const { opener, pid } = await startOpener(stack, tried);
  const view = { dev: "auto", cgroup: "auto", deliver: { netlink: "kernel" } } as const;
  await relay.attach({ name, pid, allow, ...view });
  return { name, opener };
}
