import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  accessSync,
  constants,
  existsSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  realpathSync,
} from "node:fs";
import { basename, join } from "node:path";

import type { SysDirectory } from "@uevent-bridge/kernel";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { Disk } from "../../../test/real/disk.js";
import { devpathOf, plugLoop } from "../../../test/real/loops.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { Hand } from "../src/dev/hand.js";
import { Locks } from "../src/directory-lock.js";
import { leaveDirectory, openOwnDirectory } from "../src/directory-open.js";
import { MountTables } from "../src/mount-tables.js";
import { BENCH, leaveLayout, openLayout } from "../src/sys/layout.js";
import { openSysDirectory } from "../src/sys/sys-directory.js";
import { addLoop, removeLoop } from "../src/testing/index.js";

const addon = loadAddon();
const hand = new Hand(addon);
const ROOT = { uid: 0, gid: 0 };

describe("a container's /sys", needs("root", "loop devices"), () => {
  let temporary: ReturnType<typeof temporaryDirectory>;
  let directory: SysDirectory;
  let number: number;
  let disk: Disk;
  let device: string;
  let [whole, first, second] = ["", "", ""];
  const path = () => join(temporary.path, "box.sys");
  const locks = () => new Locks(addon, [join(temporary.path, ".locks")]);
  const open = () =>
    openSysDirectory({ addon, hand, sysfs: "/sys", locks: locks(), mounts: new MountTables(addon) }, path(), ROOT);
  const mounted = () =>
    readFileSync("/proc/self/mountinfo", "latin1")
      .split("\n")
      .filter((line) => line.includes(temporary.path));
  const there = (name: string) => join(directory.path, name);
  const inHost = (name: string) => join("/sys", name);
  const isDevice = (devpath: string) => existsSync(there(join(devpath, "uevent")));

  beforeAll(() => {
    temporary = temporaryDirectory();
    number = plugLoop();
    device = devpathOf(number);
    disk = new Disk(device, join(temporary.path, "image"));
    [whole = "", first = "", second = ""] = disk.devices;
  });
  afterAll(() => {
    disk[Symbol.dispose]();
    removeLoop(number);
    temporary[Symbol.dispose]();
  });
  beforeEach(() => {
    directory = open();
  });
  afterEach(() => {
    directory.close();
    expect(mounted()).toEqual([]);
    expect(existsSync(path())).toBe(false);
  });

  test("a relay that was killed while it put a device together keeps nobody from starting", () => {
    const opened = openOwnDirectory(join(temporary.path, "killed.sys"), ROOT);
    hand.hold();
    const fs = openLayout({ addon, hand }, opened);
    const bench = `/proc/self/fd/${fs}/${BENCH}`;
    execFileSync("mount", ["-t", "sysfs", "-o", "ro", "none", realpathSync(bench)]);
    closeSync(fs);
    const again = openLayout({ addon, hand }, opened);
    expect(readdirSync(`/proc/self/fd/${again}/${BENCH}`)).toEqual([]);
    closeSync(again);
    hand.letGo();
    leaveLayout(addon, opened);
    expect(leaveDirectory(opened)).toBe(false);
  });

  test("what every system has is there, and nothing else", () => {
    const found = spawnSync("find", [".", "-mindepth", "1"], { cwd: directory.path, encoding: "utf8" }).stdout;
    expect(found.trim().split("\n").toSorted()).toEqual(
      [
        "block",
        "bus",
        "class",
        "dev",
        "dev/block",
        "dev/char",
        "devices",
        "firmware",
        "fs",
        "fs/cgroup",
        "kernel",
        "module",
      ].map((name) => `./${name}`),
    );
  });

  test("a device is where the host has it, with the host's links, as long as it is shown", () => {
    const before = mounted();
    directory.show(whole);
    expect(statSync(there(whole)).ino).toBe(statSync(inHost(whole)).ino);
    expect(readdirSync(there(whole))).toEqual(readdirSync(inHost(whole)));
    const name = basename(whole);
    const node = readFileSync(inHost(`${whole}/dev`), "latin1").trim();
    for (const link of [`class/block/${name}`, `block/${name}`, `dev/block/${node}`, `${whole}/subsystem`]) {
      expect(readlinkSync(there(link))).toBe(readlinkSync(inHost(link)));
      expect(statSync(there(link)).isDirectory()).toBe(true);
    }
    expect(readdirSync(there("devices/virtual/block"))).toEqual([name]);
    directory.hide(whole);
    expect(readdirSync(there("devices"))).toEqual([]);
    for (const each of ["block", "class", "dev/block"]) expect(readdirSync(there(each))).toEqual([]);
    expect(mounted()).toEqual(before);
  });

  test("nothing in it can be written but what is said to be writable", () => {
    const attribute = "queue/read_ahead_kb";
    const before = readFileSync(inHost(`${whole}/${attribute}`), "latin1");
    directory.show(whole);
    for (const name of ["uevent", attribute])
      expect(() => accessSync(there(`${whole}/${name}`), constants.W_OK)).toThrow(/EROFS/);
    expect(() => accessSync(there("devices"), constants.W_OK)).toThrow(/EROFS/);
    directory.writable(whole, attribute);
    directory.writable(whole, "no_such");
    directory.writable(whole, "power"); // no attribute
    directory.writable(first, "uevent"); // not shown itself
    expect(spawnSync("sh", ["-c", 'echo 64 >"$0"', there(`${whole}/${attribute}`)]).status).toBe(0);
    expect(readFileSync(inHost(`${whole}/${attribute}`), "latin1")).toBe("64\n");
    spawnSync("sh", ["-c", 'echo "$1" >"$0"', inHost(`${whole}/${attribute}`), before.trim()]);
    for (const name of ["uevent", "power/control", `${basename(first)}/uevent`])
      expect(() => accessSync(there(`${whole}/${name}`), constants.W_OK)).toThrow(/EROFS/);
    directory.hide(whole);
    directory.show(whole);
    expect(() => accessSync(there(`${whole}/${attribute}`), constants.W_OK)).toThrow(/EROFS/);
  });

  test("a device below one that is shown is shown with it, until it is hidden", () => {
    directory.show(whole);
    directory.show(first);
    expect(existsSync(there(`class/block/${basename(first)}`))).toBe(true);
    expect(existsSync(there(`block/${basename(first)}`))).toBe(false); // as on the host
    expect([first, second].map(isDevice)).toEqual([true, true]);
    directory.writable(whole, "uevent");
    directory.writable(first, "uevent");
    directory.hide(second);
    expect([whole, first, second].map(isDevice)).toEqual([true, true, false]);
    expect(readdirSync(there(second))).toEqual([]);
    directory.hide(first);
    expect([whole, first, second].map(isDevice)).toEqual([true, false, false]);
    expect(existsSync(there(`class/block/${basename(first)}`))).toBe(false);
    accessSync(there(`${whole}/uevent`), constants.W_OK);
    directory.show(second);
    expect([whole, first, second].map(isDevice)).toEqual([true, false, true]);
    directory.hide(whole);
    expect([whole, first, second].map(isDevice)).toEqual([false, false, true]);
  });

  test("a device whose parent is not shown is alone below bare directories, and with it when that is shown", () => {
    directory.show(first);
    expect(readdirSync(there(whole))).toEqual([basename(first)]);
    directory.show(whole);
    expect([whole, first, second].map(isDevice)).toEqual([true, true, true]);
    expect(mounted()).toHaveLength(3); // the file system, what the container has of it, and the disk
    directory.hide(whole);
    expect([whole, first, second].map(isDevice)).toEqual([false, true, false]);
    directory.hide(first);
    expect(readdirSync(there("devices"))).toEqual([]);
  });

  test("a device that comes back under its path is another one", () => {
    const other = plugLoop();
    const [devpath, again] = [devpathOf(other), () => addLoop(other)];
    directory.show(devpath);
    removeLoop(other);
    expect(isDevice(devpath)).toBe(false);
    again();
    expect(isDevice(devpath)).toBe(false);
    directory.show(devpath);
    expect(isDevice(devpath)).toBe(true);
    expect(statSync(there(devpath)).ino).toBe(statSync(inHost(devpath)).ino);
    removeLoop(other);
    directory.show(devpath); // it has gone
    directory.hide(devpath);
    expect(readdirSync(there("devices"))).toEqual([]);
  });

  test.each(["", "/devices", "/devices/../kernel", "/class/block", "/devices//virtual", "devices/virtual/mem/null"])(
    "%j is no path of a device",
    (devpath) => {
      for (const method of ["show", "hide"] as const)
        expect(() => directory[method](devpath)).toThrow(/no path of a device/);
    },
  );

  test("what is no device, or one of the host's network devices, is not shown", () => {
    for (const devpath of [
      "/devices/virtual",
      `${whole}/queue`,
      `${whole}/subsystem`,
      "/devices/virtual/net/lo",
      "/devices/no/such",
    ])
      directory.show(devpath);
    expect(readdirSync(there("devices"))).toEqual([]);
    expect(() => directory.writable(whole, "../loop0/uevent")).toThrow(/no name of an attribute/);
  });

  test("what a killed relay left stays until it is known what is to be there", () => {
    directory.show(whole);
    directory.hide(first);
    directory.writable(whole, "uevent");
    directory.show("/devices/virtual/mem/null");
    const copy = join(temporary.path, "copy");
    spawnSync("mkdir", [copy]);
    expect(spawnSync("mount", ["--rbind", directory.path, copy]).status).toBe(0); // a container has it
    expect(spawnSync("mount", ["--make-rslave", copy]).status).toBe(0);
    directory.close();
    expect(existsSync(join(copy, whole, "uevent"))).toBe(true);
    directory = open();
    directory.show(whole);
    expect([whole, first].map((each) => existsSync(join(copy, each, "uevent")))).toEqual([true, true]);
    expect(() => accessSync(join(copy, whole, "uevent"), constants.W_OK)).toThrow(/EROFS/);
    expect(existsSync(join(copy, "class/mem/null/uevent"))).toBe(true);
    directory.forgetOthers();
    expect(existsSync(join(copy, "class/mem"))).toBe(false);
    expect(readdirSync(join(copy, "devices/virtual"))).toEqual(["block"]);
    expect(existsSync(join(copy, `block/${basename(whole)}/uevent`))).toBe(true);
    expect(spawnSync("umount", ["-R", copy]).status).toBe(0);
    spawnSync("rmdir", [copy]);
  });

  test("another relay is refused", () => {
    expect(open).toThrow(/another relay/);
  });
});
