import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import type { Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { History } from "../../packages/relay/test/history.js";
import { needs } from "../needs.js";
import { Disk } from "./disk.js";
import type { Hearer } from "./listener.js";
import { latin1, openListener, until } from "./listener.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { devicesOfSysfs, driverOf } from "./sysfs.js";
import { temporaryDirectory } from "./temporary.js";

const hasTools = needs("root", "loop devices", "debian package mount", "debian package util-linux");

describe("a rule about what a device has become", hasTools, () => {
  test("tells it and all below it alike, whether it became so before attach or after", async () => {
    await using stack = new Stack();
    const directory = stack.use(temporaryDirectory()).path;
    const [devpath = ""] = stack.use(withLoops(1)).devices;
    const disk = stack.use(new Disk(devpath, join(directory, "image")));
    const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir: directory }));
    const rules = [`${devpath},attr:ro=1`];

    const before = await listen(stack, relay, "before", rules);
    disk.setReadOnly(true);
    await until(() => toldTo(before).length === 3, "it becomes so after attach");
    await relay.settle(); // the tools may have the kernel say it more than once
    const after = await listen(stack, relay, "after", rules);
    await until(() => toldTo(after).length === 3, "it has become so before attach");
    expect(toldTo(before).toSorted()).toEqual(disk.devices.toSorted());
    expect(after.heard.map(latin1)).toEqual(before.heard.slice(0, 3).map(latin1));

    disk.setReadOnly(false);
    await until(() => [before, after].every((each) => toldTo(each).length === 0), "it is so no more");
  });
});

const DRIVER = devicesOfSysfs()
  .map(driverOf)
  .find((name) => name !== undefined);

describe(`driver=${DRIVER}`, needs("root"), () => {
  test("tells what the driver has and all below it alike, by attach and by allow()", async (context) => {
    context.skip(DRIVER === undefined, "no device of this machine has a driver");
    await using stack = new Stack();
    const runtimeDir = stack.use(temporaryDirectory()).path;
    const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir }));
    const box = await relay.attach({ name: "by-allow" });
    const byAllow = stack.use(openListener(`${box.mounts[0]?.source}/a.sock`));
    await box.allow(`driver=${DRIVER}`);
    const byAttach = await listen(stack, relay, "by-attach", [`driver=${DRIVER}`]);

    const all = devicesOfSysfs().filter((devpath) => !devpath.includes("/net/")); // they are the host's alone
    const bound = all.filter((devpath) => driverOf(devpath) === DRIVER);
    const covered = all.filter((devpath) => bound.some((at) => isAtOrBelow(devpath, at))).toSorted();
    await until(() => [byAllow, byAttach].every((each) => toldTo(each).length >= covered.length), "all are told");
    for (const each of [byAllow, byAttach]) expect(toldTo(each).toSorted()).toEqual(covered);
    expect(covered).not.toEqual([]);
  });
});

async function listen(stack: Stack, relay: Relay, name: string, allow: readonly string[]): Promise<Hearer> {
  const box = await relay.attach({ name, allow });
  return stack.use(openListener(`${box.mounts[0]?.source}/a.sock`));
}

function toldTo({ heard }: Hearer): string[] {
  const history = new History(true);
  for (const bytes of heard) history.hear(bytes);
  expect(history.faults).toEqual([]);
  return [...history.told.keys()];
}

const isAtOrBelow = (devpath: string, above: string): boolean => devpath === above || devpath.startsWith(`${above}/`);
