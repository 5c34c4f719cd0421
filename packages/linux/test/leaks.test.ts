import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { agentPath } from "@uevent-bridge/agent";
import type { DeviceDirectory } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Agent } from "./world/agent.js";
import { startOwn } from "./world/containers.js";
import { isRoot } from "./world/privilege.js";
import { Folder } from "./world/directory.js";

const ROUNDS = 50;
const SLOW_ROUNDS = 15; // each starts processes or threads
const folder = new Folder();
const lockDirectory = join(folder.base, "locks");
const kernel = openLinux({ lockDirectory, agent: agentPath });
const without = openLinux({ lockDirectory, agent: () => "/no/such/agent" });
const holders = new Set<number>();
let agent: Agent;
/** Its `/run` is its own. */
let withRun: Agent;

beforeAll(async () => {
  [agent, withRun] = await Promise.all([startOwn(), startOwn()]);
  const enter = ["-t", `${withRun.pid}`, "-U", "-m", ...(isRoot ? ["-S", "0", "-G", "0"] : ["--preserve-credentials"])];
  execFileSync("nsenter", [...enter, "mount", "-t", "tmpfs", "none", "/run"]);
});
afterAll(async () => {
  await Promise.all([agent.end(), withRun.end()]);
  for (const pid of holders) end(pid);
  folder.close();
});

function end(pid: number): void {
  try {
    process.kill(pid);
  } catch {
    // it has ended by itself, as nobody has needed it for a while
  }
}

function countFds(): number {
  return readdirSync("/proc/self/fd").length;
}

function source(): void {
  const opened = kernel.openSource({ group: "udev", onBatch: () => {} });
  opened.resume();
  opened.close();
}

function directory(): void {
  const opened = kernel.openDirectory(folder.path, folder);
  const listener = folder.bind("a.sock");
  const [entry] = opened.list(1).entries;
  const peer = entry && opened.connect(entry);
  if (typeof peer !== "object") throw new Error("not connected");
  peer.onceWritable(() => {});
  listener.unlink();
  listener.close();
  peer.close();
  opened.close();
}

function target(): void {
  const opened = kernel.openTarget({ pid: agent.pid });
  opened.openInjector("kernel").close();
  opened.openSource({ group: "kernel", onBatch: () => {} }).close();
  opened.close();
}

async function devices(): Promise<void> {
  const opened = kernel.openTarget({ netns: `/proc/${agent.pid}/ns/net` });
  const tree = opened.openDevices();
  tree.read("/devices/virtual/net/lo");
  await tree.attribute("/devices/virtual/net/lo", "mtu", 1000);
  tree.close();
  opened.close();
}

function refused(): void {
  for (const open of [
    () => kernel.openTarget({ pid: 4_193_999 }),
    () => kernel.openTarget({ netns: "/proc/self/ns/mnt" }),
    () => kernel.openDirectory("/dev/null", folder),
    () => kernel.openDirectory("/dev/null/x", folder),
  ]) {
    expect(open).toThrow();
  }
}

function udevDirectory(): void {
  const path = join(folder.base, "udev/box");
  const opened = kernel.openUdevDirectory(path);
  opened.put("b7:0", { properties: new Map(), links: [], tags: ["seat"], initialized: 1n });
  expect(() => kernel.openUdevDirectory(path)).toThrow(/another relay/);
  opened.close();
  expect(() => kernel.openUdevDirectory("/dev/null")).toThrow();
}

async function placed({ pid }: Agent): Promise<boolean> {
  const opened = kernel.openTarget({ pid });
  const directory = kernel.openUdevDirectory(join(folder.base, "udev/placed"));
  try {
    const takeAway = await opened.placeUdev(directory);
    await takeAway?.();
    return takeAway !== undefined;
  } catch {
    return false;
  } finally {
    directory.close();
    opened.close();
  }
}

async function place(): Promise<void> {
  expect(await placed(withRun)).toBe(isRoot);
  expect(await placed(agent)).toBe(false); // its /run is the host's
}

async function placeDevices(): Promise<void> {
  const open = (): DeviceDirectory => kernel.openDeviceDirectory(join(folder.base, "dev"), folder);
  if (!isRoot) {
    expect(open).toThrow(/run as root/);
    return;
  }
  const opened = kernel.openTarget({ pid: agent.pid });
  const ours = kernel.openTarget({ pid: process.pid });
  const directory = open();
  directory.put("shm", { kind: "directory" });
  const takeAway = await opened.placeDevices(directory);
  await takeAway?.();
  expect(await ours.placeDevices(directory)).toBeUndefined();
  for (const each of [directory, opened, ours]) each.close();
}

async function shadow(): Promise<void> {
  const opened = await kernel.openShadow(join(folder.base, "shadow/box"));
  holders.add(opened.pid);
  opened.openInjector("kernel", opened.root).close();
  opened.close();
}

async function shadowRefused(): Promise<void> {
  writeFileSync(join(folder.base, "file"), "");
  const ends = openLinux({ lockDirectory, agent: () => "/bin/false" });
  await expect(kernel.openShadow(join(folder.base, "file"))).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
  await expect(ends.openShadow(join(folder.base, "none"))).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
  await expect(without.openShadow(join(folder.base, "none"))).rejects.toMatchObject({ code: "ADDON_MISSING" });
}

async function helper(): Promise<void> {
  const opened = kernel.openTarget({ pid: agent.pid });
  const runs = await opened.openHelper({ program: "/bin/true", onTrouble: () => {} });
  runs.close();
  await runs.ended;
  opened.close();
}

async function helperRefused(): Promise<void> {
  for (const [by, program, code] of [
    [kernel, "/no/such/program", "PATH_UNUSABLE"],
    [without, "/bin/true", "ADDON_MISSING"],
  ] as const) {
    const opened = by.openTarget({ pid: agent.pid });
    await expect(opened.openHelper({ program, onTrouble: () => {} })).rejects.toMatchObject({ code });
    opened.close();
  }
}

test.each<[string, () => void | Promise<void>, number?]>([
  ["sources", source],
  ["directories and peers", directory],
  ["targets, injectors and their sources", target],
  ["trees of other namespaces", devices],
  ["what is refused", refused],
  ["directories of /run/udev", udevDirectory, SLOW_ROUNDS],
  ["those that are put into a container, or cannot be", place, SLOW_ROUNDS],
  ["directories of /dev that are put into a container, or cannot be made", placeDevices, SLOW_ROUNDS],
  ["shadows", shadow, SLOW_ROUNDS],
  ["shadows that are refused", shadowRefused, SLOW_ROUNDS],
  ["programs in a container", helper, SLOW_ROUNDS],
  ["programs that cannot be run", helperRefused, SLOW_ROUNDS],
])(
  "%s, opened and closed many times, leave no descriptor",
  async (_, round, rounds = ROUNDS) => {
    await round();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = countFds();
    for (let i = 0; i < rounds; i++) await round();
    await expect.poll(countFds).toBeLessThanOrEqual(before);
  },
  30_000,
);
