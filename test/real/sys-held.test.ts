import { basename, join } from "node:path";

import type { Container } from "@uevent-bridge/relay";
import { expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { Disk } from "./disk.js";
import type { System } from "./inside/system.js";
import { until } from "./listener.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { HeldStage } from "./view/held-stage.js";

vi.setConfig({ testTimeout: 120_000 }); // processes start slowly on a machine that is busy

const NEEDS = needs("root", "loop devices", "FUSE", "a compiler");
const FUSE = "/devices/virtual/misc/fuse";
const HELD = /^the directory \/.*\/fs\/sys cannot be used: a program in the container holds it up/;
const SECONDS = 30; // until something is missed

const has = (system: System, devpath: string): boolean =>
  system.exists(`/sys${devpath}/uevent`) && system.exists(`/sys/class/block/${basename(devpath)}/uevent`);

/** What was said of a container. */
function warningsOf(container: Container): readonly string[] {
  const warnings: string[] = [];
  container.on("warning", ({ message }) => warnings.push(message));
  return warnings;
}

test("who holds up its /sys keeps no others waiting, and has what it is to have when it lets go", NEEDS, async () => {
  await using stack = new Stack();
  const [first = "", second = ""] = stack.use(withLoops(2)).devices;
  const stage = stack.use(await HeldStage.start());
  const { relay, hostile, innocent } = stage;
  const disk = stack.use(new Disk(first, join(stage.directory, "image")));
  const [whole = "", partition = ""] = disk.devices;
  const allow = [FUSE, whole];
  const wish = { allow, deliver: { socket: true }, dev: "auto", sysfs: "auto" } as const;
  const box = await relay.attach({ ...wish, name: "hostile", pid: hostile.pid });
  const other = await relay.attach({ ...wish, name: "innocent", pid: innocent.pid });
  const [warnings, others] = [warningsOf(box), warningsOf(other)];
  expect([has(hostile, partition), has(innocent, partition)]).toEqual([true, true]);

  for (const [count, held] of ["/sys/class/block", `/sys${partition}`].entries()) {
    const hold = await stage.hold(held);
    for (const each of [box, other]) await each.allow(second);
    await box.deny(partition);
    await until(() => has(innocent, second), "the other one has what comes", SECONDS);
    await until(() => warnings.length > count, "it is said", SECONDS);
    await other.deny(second);
    await until(() => !has(innocent, second), "the other one has no more what goes", SECONDS);
    await hold.end();
    await until(() => has(hostile, second) && !has(hostile, partition), "it has what it is to have", SECONDS);
    expect(warnings).toEqual(Array.from({ length: count + 1 }, () => expect.stringMatching(HELD) as string));
    for (const each of [box, other]) await each.setPolicy({ allow });
    await until(() => has(hostile, partition) && !has(hostile, second), "it is as before", SECONDS);
  }
  const again = await stage.hold("/sys/class/block");
  await box.deny(partition);
  await box.detach();
  await again.end();
  expect(others).toEqual([]);
});
