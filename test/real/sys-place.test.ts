import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { addLoop, removeLoop } from "@uevent-bridge/linux/testing";
import { expect, test, vi } from "vitest";

import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { Runc, withPrivateMounts } from "./inside/runc.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { devpathOf, plugLoop } from "./loops.js";
import { CONTAINERS, SysStage, isRefused, seenAs } from "./sys-stage.js";
import type { Kind } from "./sys-stage.js";

vi.setConfig({ testTimeout: 60_000 }); // processes start slowly on a machine that is busy

const needed = needs("root", "loop devices", "debian package runc", "debian package udev");

test.each(Object.keys(CONTAINERS) as Kind[])(
  "in a container that runs, of %s, programs find what it may see, before and after hotplug",
  needed,
  async (kind) => {
    await using stage = await SysStage.start(kind);
    const { box, whole, first, second } = stage;
    const number = plugLoop();
    const later = devpathOf(number);
    removeLoop(number);
    const before = { mounts: stage.mounts(), host: stage.host(), cgroup: stage.lines("ls /sys/fs/cgroup") };
    expect(stage.lines("ls /sys/class/mem")).not.toEqual([]);

    const container = await stage.attach({ allow: [whole, later], deny: [second] });
    expect(stage.seen()).toEqual(seenAs(whole, first));
    expect(stage.lines("ls /sys/class/mem; lsusb; ls /sys/class/input")).toEqual([]);
    expect(stage.lines("ls /sys/class/net")).toEqual(["lo"]);
    expect(stage.lines("ls /sys/fs/cgroup")).toEqual(before.cgroup);
    const chain = stage.lines(`udevadm info -a -p ${first}`).filter((line) => line.includes("looking at"));
    expect(chain.map((line) => /'(.*)'/.exec(line)?.[1])).toEqual([first, whole]);
    addLoop(number);
    try {
      await stage.relay.settle();
      expect(stage.seen()).toEqual(seenAs(whole, first, later));
    } finally {
      removeLoop(number);
    }
    await stage.relay.settle();
    expect(stage.seen()).toEqual(seenAs(whole, first));
    await container.setPolicy({ allow: [whole] });
    expect(stage.seen()).toEqual(seenAs(whole, first, second));

    await container.detach();
    expect(stage.mounts()).toBe(before.mounts);
    expect(stage.host()).toEqual(before.host);
    expect(box.run("ls", "/sys/class/mem")).toContain("null\n");
  },
);

test("a device that comes while it is being placed is found", needed, async () => {
  await using stage = await SysStage.start("unshare, with a user namespace");
  const kernel = openLinux();
  const directory = kernel.openSysDirectory(join(stage.directory, "box.sys"), { uid: 0, gid: 0 });
  const target = kernel.openTarget({ pid: stage.box.pid });
  try {
    directory.show(stage.whole);
    const placing = target.placeSys(directory);
    directory.show(stage.hidden); // not before the copy was made, or after; both are right
    const takeAway = await placing;
    expect(stage.lines("ls /sys/class/block").toSorted()).toEqual(
      [stage.whole, stage.hidden].map((devpath) => basename(devpath)).toSorted(),
    );
    expect(stage.lines(`cat /sys${stage.hidden}/dev`)).toHaveLength(1);
    await takeAway?.();
  } finally {
    target.close();
    directory.close();
  }
});

test.each(["unshare, with a user namespace", "runc, with a user namespace"] as const)(
  "in a container that runs, of %s, its root can change nothing there, and what it takes off is its own",
  needed,
  async (kind) => {
    await using stage = await SysStage.start(kind);
    const { whole, second } = stage;
    const before = stage.host();
    const box = await stage.attach();
    const [sys = ""] = box.delivery.flatMap(({ channel, choice }) => (channel === "sysfs" ? [choice] : []));
    const attached = stage.host();
    for (const attack of [
      `echo change >/sys${whole}/uevent`,
      `mount -o remount,bind,rw /sys; mkdir /sys/new`,
      `mount -o remount,bind,rw /sys${whole}; echo change >/sys${whole}/uevent`,
      `mount -o remount,bind,rw /sys${whole}; echo 64 >/sys${whole}/queue/read_ahead_kb`,
      `ln -s /sys${second} /sys/class/block/new`,
      `rm /sys/class/block/*`,
      `rmdir /sys/kernel`,
      `test -e /sys${second}/uevent`,
    ])
      expect([attack, isRefused(stage, attack)]).toEqual([attack, true]);
    expect(stage.seen()).toEqual(seenAs(whole, stage.first));
    stage.lines(`umount /sys${second}; mount -t tmpfs none /sys${whole}; umount -l /sys/class; umount -l /sys`);
    expect(stage.host()).toEqual(attached);
    expect(readdirSync(join(sys, second))).toEqual([]);
    await box.allow(stage.hidden);
    expect(existsSync(join(sys, stage.hidden, "uevent"))).toBe(true);
    await box.detach();
    expect(stage.host()).toEqual(before);
  },
);

test("in a container without a user namespace an attribute can be written where a rule says so", needed, async () => {
  await using stage = await SysStage.start("runc");
  const attribute = `/sys${stage.whole}/queue/read_ahead_kb`;
  const write = (): string => stage.box.run("sh", "-c", `echo 64 2>/dev/null >${attribute}; cat ${attribute}`).trim();
  const before = stage.lines(`cat ${attribute}`)[0] ?? "";
  const box = await stage.attach();
  expect(write()).toBe(before);
  await box.setPolicy({ allow: [`${stage.whole},sysfs=rw:queue/read_ahead_kb`] });
  expect(write()).toBe("64");
  expect(isRefused(stage, `echo change >/sys${stage.whole}/uevent`)).toBe(true);
  await box.setPolicy({ allow: [stage.whole] });
  writeFileSync(attribute, before);
  expect(write()).toBe(before);
});

test("the links below its /dev/disk lead to what its /sys shows", needed, async () => {
  await using stage = await SysStage.start("unshare, with a user namespace");
  await stage.attach({ dev: "auto" });
  const links = stage.lines("ls -l /dev/disk/by-*").flatMap((line) => / -> \.\.\/\.\.\/(.*)$/.exec(line)?.[1] ?? []);
  expect([...new Set(links)].toSorted()).toEqual(stage.seen()["class"]?.filter((name) => links.includes(name)));
  expect(links).toContain(basename(stage.whole));
  expect(links).not.toContain(basename(stage.second));
});

test("one whose engine bound it is let be, and finds what comes later", needed, async () => {
  await using stage = await SysStage.start("unshare");
  const { mounts } = await stage.attach({ name: "engine", pid: undefined } as never);
  const [sys] = mounts.filter(({ destination }) => destination === "/sys");
  await using system = await System.startPrivileged(sys ? [sys] : []);
  const container = await stage.relay.get("engine");
  const before = readFileSync(`/proc/${system.pid}/mountinfo`, "latin1").split("\n").length;
  await container?.join({ pid: system.pid });
  expect(system.run("ls", "/sys/class/net").trim()).toBe("lo");
  expect(readFileSync(`/proc/${system.pid}/mountinfo`, "latin1").split("\n")).toHaveLength(before + 2); // class/net and its devices
  await container?.allow(stage.hidden);
  expect(system.exists(`/sys${stage.hidden}/uevent`)).toBe(true);
});

test("one whose engine bound it so that it follows nothing gets one over it that does", needed, async () => {
  await using stage = await SysStage.start("unshare");
  const container = await stage.attach({ name: "engine", pid: undefined } as never);
  const bundle = join(stage.directory, "engine");
  mkdirSync(bundle);
  await using box = await Runc.start(bundle, container.mounts.slice(0, 1), withPrivateMounts);
  await container.join({ pid: box.pid });
  await container.allow(stage.hidden);
  for (const shown of [stage.whole, stage.hidden]) expect(box.exists(`/sys${shown}/uevent`)).toBe(true);
  expect(box.exists(`/sys${stage.second}/uevent`)).toBe(false);
});

test("the relay after one that was killed takes over what that one placed, and takes it away", needed, async () => {
  await using stage = await SysStage.start("runc, with a user namespace");
  const name = newName();
  const path = join(stage.directory, "box.sys");
  const before = { mounts: stage.mounts(), host: stage.host() };
  const started = async (...rules: readonly string[]): Promise<Cli> => {
    const args = rules.flatMap((rule) => ["--allow", rule]);
    const cli = new Cli(["attach", name, "--pid", `${stage.box.pid}`, ...args, "--netlink", "off", "--sysfs", path]);
    await cli.until("stderr", /sysfs .* \(it shows what the container may see\)/);
    return cli;
  };
  await using first = await started(stage.whole, stage.hidden);
  first.process.kill("SIGKILL");
  await first.exit();
  expect(stage.seen()).toEqual(seenAs(stage.whole, stage.first, stage.second, stage.hidden));
  await using second = await started(stage.whole);
  expect(stage.seen()).toEqual(seenAs(stage.whole, stage.first, stage.second));
  expect(await second.interrupt()).toBe(0);
  await until(() => stage.mounts() === before.mounts, "it is taken away");
  expect(stage.host()).toEqual(before.host);
});
