import { execFileSync, spawnSync } from "node:child_process";
import { basename, join } from "node:path";

import { removeLoop } from "@uevent-bridge/linux/testing";
import { expect, test, vi } from "vitest";

import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import type { System } from "./inside/system.js";
import { until } from "./listener.js";
import { devpathOf, plugLoop, withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { HeldStage } from "./view/held-stage.js";
import { OwnCgroup } from "./view/own-cgroup.js";

vi.setConfig({ testTimeout: 120_000 }); // processes start slowly on a machine that is busy

const NEEDS = needs("root", "loop devices", "FUSE", "cgroups", "a compiler");
const FUSE = "/devices/virtual/misc/fuse";
const LOOP_MAJOR = "7";
const HELD = /^the directory \/.*\/fs\/dev cannot be used: a program in the container holds it up/;
const SECONDS = 30; // until something is missed

const has = (system: System, device: string): boolean => system.exists(`/dev/${basename(device)}`);

/** Whether programs in a cgroup may open a disk, by a node of their own. */
function mayOpen(cgroup: OwnCgroup, directory: string, device: string): boolean {
  const node = join(directory, basename(device));
  const minor = basename(device).replace("loop", "");
  execFileSync("sh", ["-c", '[ -e "$0" ] || mknod "$0" b "$1" "$2"', node, LOOP_MAJOR, minor]);
  const [file = "", ...args] = cgroup.wrap(["dd", `if=${node}`, "count=0", "status=none"]);
  return spawnSync(file, args, { stdio: "ignore" }).status === 0;
}

test(
  "who holds up its /dev keeps neither its rights nor others waiting, and has what it is to have when it lets go",
  NEEDS,
  async () => {
    await using stack = new Stack();
    const [first = "", second = ""] = stack.use(withLoops(2)).devices;
    const cgroup = stack.use(new OwnCgroup());
    const stage = stack.use(await HeldStage.start());
    const { relay, hostile, innocent } = stage;
    cgroup.take(hostile.pid);
    const wish = { allow: [FUSE, first], deliver: { netlink: "kernel" }, dev: "auto" } as const;
    const attach = () => relay.attach({ ...wish, name: "hostile", pid: hostile.pid, cgroup: "auto" });
    const box = await attach();
    const other = await relay.attach({ ...wish, name: "innocent", pid: innocent.pid });
    const warnings: string[] = [];
    box.on("warning", ({ message }) => warnings.push(message));
    await until(() => has(hostile, first) && has(innocent, first), "both have it", SECONDS);

    const hold = await stage.hold("/dev");
    for (const each of [box, other]) await each.allow(second);
    await until(() => has(innocent, second), "the other one has what comes", SECONDS);
    await until(() => warnings.length > 0, "it is said", SECONDS);
    expect(warnings).toEqual([expect.stringMatching(HELD)]);
    expect(mayOpen(cgroup, stage.directory, first)).toBe(true);
    for (const each of [box, other]) await each.deny(first);
    await until(() => !has(innocent, first), "the other one has no more what goes", SECONDS);
    await until(() => !mayOpen(cgroup, stage.directory, first), "it may open it no more", SECONDS);
    await hold.end();
    await until(() => has(hostile, second) && !has(hostile, first), "it has what it is to have", SECONDS);
    expect(warnings).toHaveLength(1);

    const again = await stage.hold("/dev");
    await box.deny(second);
    await until(() => warnings.length === 2, "it is said once more", SECONDS);
    await box.detach();
    await (await attach()).detach();
    await again.end();
    await attach();
    await until(() => has(hostile, first) && !has(hostile, second), "it has what it is to have then", SECONDS);
  },
);

test("a relay whose container holds up its /dev ends at a signal", NEEDS, async () => {
  await using stack = new Stack();
  const number = plugLoop();
  const device = devpathOf(number);
  const stage = stack.use(await HeldStage.start());
  const { hostile } = stage;
  const words = ["attach", newName(), "--pid", `${hostile.pid}`, "--netlink", "kernel"];
  const dev = join(stage.directory, "dev");
  const attach = stack.use(new Cli([...words, "--dev", dev, "--allow", FUSE, "--allow", device]));
  await until(() => has(hostile, device), "it has it", SECONDS);
  const hold = await stage.hold("/dev");
  removeLoop(number);
  await attach.until("stderr", /holds it up/);
  expect(attach.stderr).toMatch(/umount -f .*\/sys\/fs\/fuse\/connections/);
  attach.process.kill("SIGTERM");
  expect(await attach.exit()).toBe(0);
  await hold.end();
  await using next = new Cli([...words, "--dev", dev, "--allow", FUSE]);
  await until(() => !has(hostile, device), "the next one brings it to what it is to have", SECONDS);
  await next.until("stderr", "netlink kernel");
  expect(await next.interrupt()).toBe(0);
});
