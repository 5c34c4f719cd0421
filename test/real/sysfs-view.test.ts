import { mkdirSync, chmodSync } from "node:fs";
import { basename, join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { addZram, removeZram } from "@uevent-bridge/linux/testing";
import type { Mount } from "@uevent-bridge/relay";
import { expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { UID_BASE } from "./container.js";
import { Disk } from "./disk.js";
import type { Inside } from "./inside/inside.js";
import { Runc, withoutUserNamespace } from "./inside/runc.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

vi.setConfig({ testTimeout: 60_000 }); // processes start slowly on a machine that is busy

const PACKAGES = ["runc", "udev", "usbutils", "libinput-tools", "python3-pyudev"] as const;
const needed = needs("root", "loop devices", ...PACKAGES.map((name) => `debian package ${name}` as const));

/** Flags that a user namespace may not take off have to be said again where `ro` is. */
const OPTIONS = ["rbind", "rslave", "ro", "nosuid", "nodev", "noexec"];

const PYUDEV = "import pyudev\nfor each in pyudev.Context().list_devices(): print(each.device_path)";

const CONTAINERS = {
  "unshare, with a user namespace": (_: string, mount: Mount) => System.start([mount]),
  unshare: (_: string, mount: Mount) => System.startPrivileged([mount]),
  "runc, with a user namespace": (directory: string, mount: Mount) => Runc.start(directory, [mount]),
  runc: (directory: string, mount: Mount) => Runc.start(directory, [mount], withoutUserNamespace),
} as const;

type Kind = keyof typeof CONTAINERS;

/** A disk with two partitions of which the container may see the disk and the first, and another disk that it may not see. */
async function startScene(kind: Kind) {
  const stack = new Stack();
  const directory = stack.use(temporaryDirectory()).path;
  const loops = stack.use(withLoops(2));
  const [device = ""] = loops.devices;
  const disk = stack.use(new Disk(device, join(directory, "image")));
  const [whole = "", first = "", second = ""] = disk.devices;
  const kernel = openLinux();
  const sys = kernel.openSysDirectory(join(directory, "box.sys"), { uid: UID_BASE, gid: UID_BASE });
  stack.use({ [Symbol.dispose]: () => sys.close() });
  for (const devpath of [whole, first]) sys.show(devpath);
  sys.hide(second);
  const bundle = join(directory, "box");
  mkdirSync(bundle);
  chmodSync(directory, 0o711); // the container's root has to come through
  const mount: Mount = { source: sys.path, destination: "/sys", type: "bind", options: OPTIONS };
  const box = stack.use(await CONTAINERS[kind](bundle, mount));
  return { stack, kernel, sys, box, whole, first, second, hidden: loops.devices[1] ?? "" };
}

/** What programs in it find. */
const lines = (box: Inside, script: string): readonly string[] =>
  box
    .run("sh", "-c", `(${script}) 2>/dev/null || true`)
    .split("\n")
    .filter((line) => line !== "");

const exported = (box: Inside) =>
  lines(box, "udevadm info --export-db").flatMap((line) => (line.startsWith("P: ") ? [line.slice(3)] : []));

function expectToSee(box: Inside, devices: readonly string[]): void {
  const names = devices.map((devpath) => basename(devpath));
  expect(lines(box, "lsblk -n -r -o NAME").toSorted()).toEqual(names.toSorted());
  expect(lines(box, "ls /sys/class/block").toSorted()).toEqual(names.toSorted());
  expect(exported(box).toSorted()).toEqual(devices.toSorted());
  expect(box.run("python3", "-c", PYUDEV).split("\n").slice(0, -1).toSorted()).toEqual(devices.toSorted());
  for (const script of ["lsusb", "ls /sys/class/input", "libinput list-devices"])
    expect(lines(box, script)).toEqual([]);
  expect(lines(box, "cat /sys/class/block/*/uevent | grep ^DEVNAME=").toSorted()).toEqual(
    names.map((name) => `DEVNAME=${name}`).toSorted(),
  );
}

test.each(Object.keys(CONTAINERS) as Kind[])(
  "%s: its programs see what is shown and nothing else, before and after hotplug",
  needed,
  async (kind) => {
    const { stack, sys, box, whole, first, second, hidden } = await startScene(kind);
    await using _ = stack;
    expectToSee(box, [whole, first]);
    const chain = lines(box, `udevadm info -a -p ${first}`).filter((line) => line.includes("looking at"));
    expect(chain.map((line) => /'(.*)'/.exec(line)?.[1])).toEqual([first, whole]);
    for (const devpath of [second, hidden]) expect(lines(box, `udevadm info -q path -p ${devpath}`)).toEqual([]);
    const zram = addZram();
    const disk = `/devices/virtual/block/zram${zram}`;
    try {
      expectToSee(box, [whole, first]);
      sys.show(disk);
      expectToSee(box, [whole, first, disk]);
      const stays = box.start("sh", "-c", `cd /sys${disk} && echo in; read _`); // which keeps nothing
      await until(() => stays.lines.length === 1, "its working directory is there");
      sys.hide(disk);
      expectToSee(box, [whole, first]);
      expect(lines(box, `ls -d /sys${disk}`)).toEqual([]);
      await stays.end();
    } finally {
      removeZram(zram);
    }
    for (const devpath of [first, whole]) sys.hide(devpath);
    expectToSee(box, []);
  },
);

test.each(["unshare, with a user namespace", "runc, with a user namespace"] as const)(
  "%s: its root can write nothing in it, uncover nothing and keep nothing",
  needed,
  async (kind) => {
    const { stack, sys, box, whole, second } = await startScene(kind);
    await using _ = stack;
    const refused = (script: string): void => {
      const ended = box.run("sh", "-c", `(${script}) >/dev/null 2>&1; echo $?`).trim();
      expect([script, ended]).not.toEqual([script, "0"]);
    };
    refused(`umount /sys${second}`);
    refused(`umount -l /sys${second}`);
    refused(`mount --bind /sys${whole} /tmp`); // without what covers
    refused(`mount -o remount,bind,rw /sys`);
    refused(`mount -o remount,bind,rw /sys${whole}`);
    refused(`echo change >/sys${whole}/uevent`);
    refused("mkdir /sys/new");
    sys.hide(second); // anew, and it stays covered
    refused(`test -e /sys${second}/uevent`);
    box.run("mount", "-t", "tmpfs", "tmpfs", `/sys${whole}/power`); // which keeps the kernel from unmounting that below it
    sys.hide(whole);
    sys.hide(`${whole}/${basename(whole)}p1`);
    refused(`test -e /sys${whole}`);
    expect(lines(box, `grep " /sys${whole}" /proc/self/mountinfo`)).toEqual([]);
  },
);

test.each([
  ["unshare", true],
  ["runc", true],
  ["unshare, with a user namespace", false], // to which the attribute's owner is nobody
] as const)(
  "%s: its root can write an attribute that is writable as the host's would: %s",
  needed,
  async (kind, can) => {
    const { stack, sys, box, whole } = await startScene(kind);
    await using _ = stack;
    const attribute = `/sys${whole}/queue/read_ahead_kb`;
    const before = lines(box, `cat ${attribute}`);
    expect(lines(box, `(echo 64 >${attribute}); cat ${attribute}`)).toEqual(before);
    sys.writable(whole, "queue/read_ahead_kb");
    expect(lines(box, `(echo 64 >${attribute}); cat ${attribute}`)).toEqual(can ? ["64"] : before);
  },
);

test.each(["unshare, with a user namespace", "unshare"] as const)(
  "%s: the network devices of its own netns are shown, and no others",
  needed,
  async (kind) => {
    const { stack, kernel, sys, box, whole, first } = await startScene(kind);
    await using _ = stack;
    expect(lines(box, "ls /sys/class/net")).toEqual([]);
    const target = kernel.openTarget({ pid: box.pid });
    sys.showNetwork(target);
    target.close();
    expect(lines(box, "ls /sys/class/net")).toEqual(["lo"]);
    box.run("ip", "link", "add", "inner0", "type", "veth", "peer", "name", "inner1");
    expect(lines(box, "ls /sys/class/net")).toEqual(["inner0", "inner1", "lo"]);
    expect(lines(box, "cat /sys/class/net/lo/address")).toEqual(["00:00:00:00:00:00"]);
    expect(exported(box)).toContain("/devices/virtual/net/inner0");
    sys.forgetOthers();
    expect(exported(box).toSorted()).toEqual(
      [whole, first, ...["inner0", "inner1", "lo"].map((name) => `/devices/virtual/net/${name}`)].toSorted(),
    );
  },
);

test.each([
  ["unshare", ["first", "second", "whole"]],
  ["unshare, with a user namespace", ["first", "whole"]],
] as const)(
  "%s: a program that stands in a device's directory finds there what is covered or taken away later: %s",
  needed,
  async (kind, found) => {
    const { stack, sys, box, whole, first, second } = await startScene(kind);
    await using _ = stack;
    const places = [
      ["first", basename(first)],
      ["second", basename(second)],
      ["whole", "."],
    ];
    const looks = places.map(([name, place]) => `test -e ${place}/uevent && echo -n ${name}:`).join("; ");
    const stands = box.start("sh", "-c", `cd /sys${whole} && echo in; while read _; do ${looks}; echo; done`);
    const look = async () => {
      const before = stands.lines.length;
      stands.process.stdin?.write("\n");
      await until(() => stands.lines.length > before, "it has looked");
      return stands.lines.at(-1)?.split(":").slice(0, -1);
    };
    await until(() => stands.lines.length === 1, "its working directory is there");
    expect(await look()).toEqual(["first", "whole"]);
    sys.hide(first);
    expect(lines(box, `ls /sys${first} /sys${second}`).filter((line) => !line.startsWith("/"))).toEqual([]);
    expect(await look()).toEqual(found);
    sys.hide(whole);
    expect(lines(box, `ls -d /sys${whole}`)).toEqual([]);
    expect(await look()).toEqual(found);
    await stands.end();
  },
);

test("an attribute that a program holds stays writable to it when that is taken back", needed, async () => {
  const { stack, sys, box, whole } = await startScene("unshare");
  await using _ = stack;
  sys.writable(whole, "queue/read_ahead_kb");
  const script = `exec 3</sys${whole}/queue/read_ahead_kb; echo in; read _; echo 64 >/proc/self/fd/3; cat /proc/self/fd/3`;
  const holds = box.start("sh", "-c", script);
  await until(() => holds.lines.length === 1, "it has it open");
  sys.hide(whole);
  await holds.end();
  expect(holds.lines).toEqual(["in", "64"]);
});
