import { chmodSync, existsSync, mkdirSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { enumerate, startLibudev, udevadmUdev } from "./consumers/libudev.js";
import { UID_BASE } from "./container.js";
import { Freezable } from "./freezable.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { change } from "./loops.js";
import { Scene } from "./scene.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const needed = needs("root", "loop devices", "debian package udev", "debian package python3-pyudev");
const deliver = { netlink: "udev" } as const;

test("a container that runs already finds /run/udev, read-only, as long as it is attached", needed, async () => {
  await using scene = await Scene.start();
  const { system } = scene;
  const box = await scene.attach({ deliver });
  const monitor = await startLibudev(udevadmUdev, system);
  await until(() => monitor.heard().length > 0, "the coldplug is heard");
  change(scene.mine);
  await until(() => monitor.heard().length > 1, "the event is heard");
  expect(monitor.heard()).toEqual([`add@${scene.mine}`, `change@${scene.mine}`]);
  expect(enumerate(system)).toEqual([scene.mine]);
  system.run("mount", "-o", "remount,bind,rw", "/run/udev"); // its root may, and it is nobody's there
  const tried = system.run("sh", "-c", "touch /run/udev/control /run/udev/data/forged 2>&1 || true");
  expect(tried.match(/denied|Read-only/g)).toHaveLength(2);
  await box.detach();
  expect(system.exists("/run/udev/control")).toBe(false);
  expect(system.run("cat", "/proc/self/mountinfo")).not.toContain(" /run/udev ");
});

test.each([
  ["that was made for it goes with it", false],
  ["that was there already stays", true],
])("a /run/udev %s", needed, async (_, isThere) => {
  await using scene = await Scene.start();
  const { system } = scene;
  if (isThere) system.run("mkdir", "/run/udev");
  const box = await scene.attach({ deliver });
  await until(() => system.exists("/run/udev/control"), "it is there");
  await box.detach();
  expect(system.exists("/run/udev")).toBe(isThere);
});

test("where its root is the host's it is made, and goes, too", needs("root"), async () => {
  await using stack = new Stack();
  const directory = stack.use(temporaryDirectory()).path;
  const system = stack.use(await System.startPrivileged());
  const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir: directory }));
  const box = await relay.attach({ name: "box", pid: system.pid, allow: [], deliver });
  await until(() => system.exists("/run/udev/control"), "it is there");
  await box.detach();
  expect(system.exists("/run/udev")).toBe(false);
});

test("the second relay after one that was killed finds it there", needed, async () => {
  await using scene = await Scene.start();
  const box = await scene.attach({ deliver });
  const again = await scene.attach({ name: "again", deliver: { netlink: "off" } });
  expect(again.mounts).toEqual([]);
  const [mount] = box.mounts;
  expect(readdirSync(mount?.source ?? "").sort()).toEqual(["control", "data", "tags"]);
  await scene.relay.close();
  expect(scene.system.run("cat", "/proc/self/mountinfo")).not.toContain(" /run/udev ");
});

test("the relay after one that was killed takes away what that one put there", needed, async () => {
  await using scene = await Scene.start();
  const name = newName();
  const args = ["attach", name, "--pid", `${scene.system.pid}`, "--allow", scene.mine, "--netlink", "udev"];
  const started = async (): Promise<Cli> => {
    const cli = new Cli(args);
    await until(() => scene.system.exists("/run/udev/control") || cli.process.exitCode !== null, "it is there");
    await cli.until("stderr", /netlink udev/);
    return cli;
  };
  const first = await started();
  first.process.kill("SIGKILL");
  await first.exit();
  expect(scene.system.run("cat", "/proc/self/mountinfo")).toContain(" /run/udev ");
  const second = await started();
  expect(enumerate(scene.system)).toEqual([scene.mine]);
  expect(await second.interrupt()).toBe(0);
  expect(scene.system.run("cat", "/proc/self/mountinfo")).not.toContain(" /run/udev ");
  expect(scene.system.exists("/run/udev")).toBe(false);
  for (const path of [name, `.udev/${name}`]) expect(existsSync(join("/run/uevent-bridge", path))).toBe(false);
});

test("a udevd of its own is let be, and it is said why", needed, async () => {
  await using scene = await Scene.start();
  scene.system.write("/run/udev/control", "");
  const box = await scene.attach({ deliver });
  const warning = await new Promise<Error & { code?: string }>((resolve) => void box.once("warning", resolve));
  expect(warning.code).toBe("PATH_UNUSABLE");
  expect(warning.message).toMatch(/there is a udevd's already/);
  await box.detach();
  expect(scene.system.exists("/run/udev/control")).toBe(true);
});

test.each([
  ["/run", ["mv", "/run", "/gone"], ["ln", "-s", "/tmp/led", "/run"]],
  ["/run/udev", ["true"], ["ln", "-s", "/tmp/led/udev", "/run/udev"]],
])("where %s is a symlink nothing is made, and nothing mounted", needed, async (_, first, second) => {
  await using scene = await Scene.start();
  const { system } = scene;
  system.run("mkdir", "-p", "/tmp/led/udev");
  system.run(...first);
  system.run(...second);
  const box = await scene.attach({ deliver });
  const warning = await new Promise<Error & { code?: string }>((resolve) => void box.once("warning", resolve));
  expect(warning.code).toBe("PATH_UNUSABLE");
  expect(system.run("find", "/tmp/led").trim().split("\n")).toEqual(["/tmp/led", "/tmp/led/udev"]);
  expect(system.run("cat", "/proc/self/mountinfo")).not.toContain(".udev/box");
});

/** A directory of the host's, of root alone, that a container finds in a volume and mounts on its /run. */
async function openWithHosts(stack: Stack, mode: number) {
  const directory = stack.use(temporaryDirectory()).path;
  const [volume, hosts] = [join(directory, "volume"), join(directory, "volume", "hosts")];
  mkdirSync(hosts, { recursive: true });
  for (const path of [directory, volume]) chmodSync(path, 0o755);
  chmodSync(hosts, mode);
  const system = stack.use(await System.start([{ source: volume, destination: "/vol" }]));
  const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir: join(directory, "runtime") }));
  return { hosts, system, attach: () => relay.attach({ name: "box", pid: system.pid, allow: [], deliver }) };
}

/** As the relay of a root who has logged in has it. */
function withGroup(group: number): Disposable {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([group]);
  return { [Symbol.dispose]: () => process.setgroups?.(groups) };
}

test("a directory that its root may not remove stays, whatever he mounts of ours on it", needs("root"), async () => {
  await using stack = new Stack();
  const { hosts, system, attach } = await openWithHosts(stack, 0o755);
  mkdirSync(join(hosts, "udev"));
  const box = await attach();
  await until(() => system.exists("/run/udev/control"), "it is there");
  system.run("mount", "--bind", "/run/udev", "/vol/hosts/udev");
  system.run("mount", "--rbind", "/vol/hosts", "/run");
  system.run("umount", "/vol/hosts/udev");
  await box.detach();
  expect(system.exists("/run/udev/control")).toBe(false);
  expect(readdirSync(hosts)).toEqual(["udev"]);
});

test(
  "nothing is made where its root could make nothing, by no group of the relay's either",
  needs("root"),
  async () => {
    await using stack = new Stack();
    const { hosts, system, attach } = await openWithHosts(stack, 0o775);
    system.run("mount", "--bind", "/vol/hosts", "/run");
    using _ = withGroup(0);
    const box = await attach();
    const warning = await new Promise<Error & { code?: string }>((resolve) => void box.once("warning", resolve));
    expect(warning.code).toBe("PATH_UNUSABLE");
    expect(warning.message).toMatch(/its root may make nothing in its \/run/);
    expect(readdirSync(hosts)).toEqual([]);
  },
);

test("where its /run answers too late nothing is left there", needs("root", "debian package e2fsprogs"), async () => {
  await using stack = new Stack();
  const directory = stack.use(temporaryDirectory()).path;
  chmodSync(directory, 0o711); // the container's root has to come through
  const disk = stack.use(new Freezable(directory, UID_BASE));
  const system = stack.use(await System.start([{ source: disk.path, destination: "/run" }]));
  const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir: join(directory, "runtime") }));
  disk.freeze();
  const box = await relay.attach({ name: "box", pid: system.pid, allow: [], deliver });
  const warning = await new Promise<Error>((resolve) => void box.once("warning", resolve));
  expect(warning.message).toMatch(/its \/run does not answer/);
  disk.thaw();
  await until(() => system.exists("/run/udev"), "the place for it is made");
  await until(() => countThreads() === 0, "who made it has ended");
  expect(system.run("cat", "/proc/self/mountinfo")).not.toContain(" /run/udev ");
  await box.detach();
  expect(system.run("cat", "/proc/self/mountinfo")).not.toContain(" /run/udev ");
});

/** Of ours, in a mount namespace that is not ours. */
function countThreads(): number {
  const own = readlinkSync("/proc/self/ns/mnt");
  return readdirSync("/proc/self/task").filter((id) => {
    try {
      return readlinkSync(`/proc/self/task/${id}/ns/mnt`) !== own;
    } catch {
      return false; // it has ended
    }
  }).length;
}
