import { readdirSync } from "node:fs";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Agent } from "./world/agent.js";
import { startOwn } from "./world/containers.js";
import { Folder } from "./world/directory.js";

const ROUNDS = 200;
const folder = new Folder();
const kernel = openLinux({ lockDirectory: join(folder.base, "locks") });
let agent: Agent;

beforeAll(async () => {
  agent = await startOwn();
});
afterAll(async () => {
  await agent.end();
  folder.close();
});

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

test.each<[string, () => void | Promise<void>]>([
  ["sources", source],
  ["directories and peers", directory],
  ["targets, injectors and their sources", target],
  ["trees of other namespaces", devices],
  ["what is refused", refused],
])(
  "%s, opened and closed 200 times, leave no descriptor",
  async (_, round) => {
    await round();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = countFds();
    for (let i = 0; i < ROUNDS; i++) await round();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(countFds()).toBeLessThanOrEqual(before);
  },
  30_000,
);
