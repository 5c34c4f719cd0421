import { closeSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { loadAddon } from "../../packages/linux/src/addon.js";
import { placeDevices } from "../../packages/linux/src/place.js";
import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { DevStage } from "./dev-stage.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const needed = needs("root", "loop devices");

test("what its engine bound in is never noted as ours, not even while it is looked at", needed, async () => {
  await using stage = await DevStage.start((_, dev) => System.startPrivileged([{ source: dev, destination: "/dev" }]));
  const before = stage.mounts();
  const addon = loadAddon();
  const pidfd = addon.openProcess(stage.inside.pid);
  const notes: string[] = [];
  const startPlacing: typeof addon.startPlacing = (...args) => {
    notes.push(stage.lock());
    return addon.startPlacing(...args);
  };
  const place = { addon: { ...addon, startPlacing }, pid: stage.inside.pid, pidfd, user: stage.target.user };
  expect(await placeDevices(place, stage.directory)).toBeUndefined();
  closeSync(pidfd);
  expect(notes).toEqual([expect.not.stringContaining("placed")]);
  expect(stage.mounts()).toBe(before);
});

test.each([
  ["takes away what that one put there", false],
  ["takes it away although one between them did not look for it", true],
])("the relay after one that was killed %s", needed, async (_, hasBetween) => {
  await using stack = new Stack();
  const system = stack.use(await (hasBetween ? System.startPrivileged() : System.start())); // who has not started has no ids
  const loops = stack.use(withLoops(1));
  const [mine = ""] = loops.devices;
  const name = newName();
  const path = join(stack.use(temporaryDirectory()).path, "box.dev");
  const before = readFileSync(`/proc/${system.pid}/mountinfo`, "latin1");
  const node = `/dev/${mine.split("/").at(-1)}`;
  const started = async (): Promise<Cli> => {
    const view = ["--allow", mine, "--netlink", "off", "--dev", path];
    const cli = new Cli(["attach", name, "--pid", `${system.pid}`, ...view]);
    await until(() => system.exists(node) || cli.process.exitCode !== null, "it is there", 30);
    await cli.until("stderr", /\/fs\/dev \(/);
    return cli;
  };
  const first = await started();
  first.process.kill("SIGKILL");
  await first.exit();
  expect(system.exists(node)).toBe(true);
  if (hasBetween) {
    await using between = new Cli([
      "attach",
      name,
      "--allow",
      mine,
      "--socket",
      "off",
      "--netlink",
      "off",
      "--dev",
      path,
    ]);
    await between.until("stderr", /dev .*fs\/dev/);
    expect(await between.interrupt()).toBe(0);
    expect(system.exists("/dev/null")).toBe(true);
  }
  const second = await started();
  expect(await second.interrupt()).toBe(0);
  expect(readFileSync(`/proc/${system.pid}/mountinfo`, "latin1")).toBe(before);
  expect(existsSync(path)).toBe(false);
});
