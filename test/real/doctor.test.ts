import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";

import { openLinux } from "@uevent-bridge/linux";
import { expect, test } from "vitest";

import { needs } from "../needs.js";
import { startConsumer } from "./consumers/consumer.js";
import { byDevtype, startLibudev, udevadmUdev } from "./consumers/libudev.js";
import { mdev } from "./consumers/mdev.js";
import { udevd } from "./consumers/udevd.js";
import { UID_BASE } from "./container.js";
import { doctor } from "./findings.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { Scene } from "./scene.js";

const needed = needs(
  "root",
  "loop devices",
  "debian package udev",
  "debian package python3-pyudev",
  "debian package busybox-static",
);

const EVENTS_MAX = 1_000_000;
const ROUND = 64;
const TRIES = 100;

test("names the programs that listen, and to whom", needed, async () => {
  await using system = await System.start();
  await startConsumer(mdev, system);
  const found = await doctor(system.pid);
  expect(found.get("reader.listens")).toMatch(/^busybox \(pid \d+\) listens to the kernel; 0 bytes wait/);
  expect([...found.keys()]).not.toContain("reader.deaf");
});

test(
  "finds a program that began to listen without /run/udev/control, and not one that began with it",
  needed,
  async () => {
    await using scene = await Scene.start();
    const { system } = scene;
    system.start("udevadm", "monitor", "--udev");
    for (let tries = 0; tries < TRIES && (await deafSockets(system.pid)) === 0; tries++) system.run("sleep", "0.1");
    const before = await doctor(system.pid);
    expect(before.get("reader.deaf")).toMatch(/^udevadm \(pid \d+\) is deaf for ever/);
    expect(before.has("run-udev.no-udevd")).toBe(true);
    await scene.attach({ deliver: { netlink: "both" } });
    await startLibudev(udevadmUdev, system);
    const after = await doctor(system.pid);
    expect(after.get("reader.listens")).toMatch(/^udevadm \(pid \d+\) listens to udevd, by libudev/);
    expect([after.has("run-udev.there"), after.has("reader.deaf")]).toEqual([true, true]); // the first one is deaf still
  },
);

test("a udevd that runs is known, and its workers are no deaf programs", needed, async () => {
  await using scene = await Scene.start();
  const { pid } = scene.system;
  const consumer = await startConsumer(udevd, scene.system);
  await scene.attach({ deliver: { netlink: "auto" } });
  await until(() => consumer.heard().length > 0, "a worker has run");
  const sockets = await deafSockets(pid);
  expect(sockets).toBeGreaterThan(0); // the worker's
  const found = await doctor(pid);
  expect(found.get("auto.choice")).toMatch(/would choose kernel: .* its udevd tells/);
  expect([found.has("run-udev.udevd"), found.has("reader.deaf")]).toEqual([true, false]);
});

test("finds a program that does not read, and what it lost", needed, async () => {
  await using system = await System.start();
  const { process: ours } = system.start("udevadm", "monitor", "--kernel");
  await until(() => system.readers() > 0, "it listens");
  using _ends = { [Symbol.dispose]: () => void ours.kill("SIGKILL") }; // nsenter stops with it
  system.run("sh", "-c", STOP);
  const before = await doctor(system.pid);
  expect([before.has("reader.full"), before.has("reader.lost")]).toEqual([false, false]);
  flood(system.pid);
  const found = await doctor(system.pid);
  expect(found.get("reader.full")).toMatch(/^udevadm \(pid \d+\) does not read: \d+ of \d+ bytes/);
  expect(found.get("reader.lost")).toMatch(/has lost \d+ events/);
});

test("finds a filter", needed, async () => {
  await using scene = await Scene.start();
  await scene.attach({ deliver: { netlink: "both" } });
  await startLibudev(byDevtype, scene.system);
  const found = await doctor(scene.system.pid);
  expect(found.get("reader.filtered")).toMatch(/^python3\S* \(pid \d+\) has a filter/);
});

test("finds that a user namespace has no root: its programs believe nobody who speaks there", needed, async () => {
  const child = spawn("unshare", ["--user", "--net", "sh", "-c", "echo; exec sleep 1000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  for (const map of ["uid_map", "gid_map"]) writeFileSync(`/proc/${child.pid}/${map}`, `1000 ${UID_BASE} 1\n`);
  const found = await doctor(child.pid ?? 0);
  child.kill("SIGKILL");
  await ended;
  expect(found.get("netlink.no-root")).toMatch(/for uid 1000 \(100000 here\)/);
});

/** Stops udevadm inside. */
const STOP =
  'for each in /proc/[0-9]*; do read name <$each/comm; [ "$name" != udevadm ] || kill -STOP "${each#/proc/}"; done';

/** Says more in a container than the buffers of those who listen hold. */
function flood(pid: number): void {
  const target = openLinux().openTarget({ pid });
  const [injector, sender] = [target.openInjector("kernel"), openLinux().openSender()];
  const event = Buffer.from("change@/devices/x\0ACTION=change\0DEVPATH=/devices/x\0SUBSYSTEM=x\0");
  for (let n = 0; n < EVENTS_MAX && injector.readers().every(({ drops }) => drops === 0); n += ROUND) {
    sender.stage(event, 0, event.length);
    for (let i = 0; i < ROUND; i++) sender.push(injector);
    sender.flush();
  }
  injector.close();
  target.close();
}

/** Sockets of programs there that hear nothing. */
async function deafSockets(pid: number): Promise<number> {
  const target = openLinux().openTarget({ pid });
  const programs = await target.programs();
  target.close();
  return programs.flatMap(({ sockets }) => sockets).filter(({ groups }) => groups.length === 0).length;
}
