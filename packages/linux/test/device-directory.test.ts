import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  watch,
} from "node:fs";
import { join } from "node:path";

import type { DeviceDirectory, DeviceEntry } from "@uevent-bridge/kernel";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { openDeviceDirectory } from "../src/dev/device-directory.js";
import { MountTables } from "../src/mount-tables.js";

const addon = loadAddon();
const ZERO: DeviceEntry = { kind: "node", type: "char", major: 1, minor: 5, mode: 0o640, uid: 100_000, gid: 100_005 };

describe("a container's /dev", needs("root"), () => {
  let temporary: ReturnType<typeof temporaryDirectory>;
  let directory: DeviceDirectory;
  const path = () => join(temporary.path, "box.dev");
  const open = () =>
    openDeviceDirectory(
      { addon, lockDirectories: [join(temporary.path, ".locks")], mounts: new MountTables() },
      path(),
      { uid: 0, gid: 0 },
    );
  const mounted = () =>
    readFileSync("/proc/self/mountinfo", "latin1")
      .split("\n")
      .filter((line) => line.includes(temporary.path));
  const there = (name: string) => join(directory.path, name);

  beforeEach(() => {
    temporary = temporaryDirectory();
    directory = open();
  });
  afterEach(() => {
    directory.close();
    expect(mounted()).toEqual([]);
    expect(existsSync(path())).toBe(false);
    temporary[Symbol.dispose]();
  });

  test("a node is there with its number, mode and owner, and can be read", () => {
    directory.put("deep/er/zero", ZERO);
    const found = lstatSync(there("deep/er/zero"));
    expect([found.isCharacterDevice(), found.rdev, found.mode & 0o7777, found.uid, found.gid]).toEqual([
      true,
      0x105,
      0o640,
      100_000,
      100_005,
    ]);
    const fd = openSync(there("deep/er/zero"), "r");
    expect(readSync(fd, Buffer.alloc(4))).toBe(4);
    closeSync(fd);
    directory.remove("deep/er/zero");
    expect(readdirSync(directory.path)).toEqual([]);
  });

  test("numbers that are large are kept", () => {
    directory.put("large", { ...ZERO, type: "block", major: 4000, minor: 1_000_000 });
    const other = { ...ZERO, type: "block", major: 4000, minor: 1_000_000, mode: 0o600 } as const;
    const { ino } = lstatSync(there("large"));
    directory.put("large", other);
    expect(lstatSync(there("large")).ino).toBe(ino); // the same node
    expect(lstatSync(there("large")).mode & 0o777).toBe(0o600);
    const { stdout } = spawnSync("stat", ["-c", "%t:%T", there("large")], { encoding: "utf8" });
    expect(stdout).toBe("fa0:f4240\n");
  });

  test("links, directories and files; another entry takes a name over, but never a directory's", () => {
    directory.put("disk/by-id/a", { kind: "link", target: "../../zero" });
    directory.put("disk/by-id/a", { kind: "link", target: "../../null" });
    directory.put("pts", { kind: "directory" });
    directory.put("console", { kind: "file" });
    expect(readlinkSync(there("disk/by-id/a"))).toBe("../../null");
    directory.put("console", ZERO);
    expect(lstatSync(there("console")).isCharacterDevice()).toBe(true);
    expect(() => directory.put("pts", ZERO)).toThrow(/cannot be put there/);
    expect(() => directory.put("console/below", ZERO)).toThrow(/cannot be put there/);
    directory.remove("disk/by-id/a");
    directory.remove("disk/by-id/a");
    directory.remove("nowhere/at/all");
    expect(readdirSync(directory.path).toSorted()).toEqual(["console", "pts"]);
  });

  test.each([
    "",
    "/zero",
    "zero/",
    "..",
    "../zero",
    "a/../zero",
    "a//b",
    "./zero",
    "a/./b",
    "a\0b",
    "x".repeat(201),
    "a/b/c/d/e/f/g/h/i",
  ])("%j is no name", (name) => {
    expect(() => directory.put(name, ZERO)).toThrow(/no name of a device/);
    expect(() => directory.remove(name)).toThrow(/no name of a device/);
  });

  test("who watches hears of a node once it is as it should be", async () => {
    const seen: (readonly [string | null, number])[] = [];
    const watcher = watch(directory.path, (_, name) => {
      const found = lstatSync(there(name ?? ""), { throwIfNoEntry: false });
      seen.push([name, (found?.mode ?? 0) & 0o777]);
    });
    directory.put("zero", ZERO);
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(0);
    watcher.close();
    expect(new Set(seen.map((each) => each.join(" ")))).toEqual(new Set([`zero ${0o640}`]));
  });

  test("what a killed relay left stays until it is known what is to be there", () => {
    directory.put("zero", ZERO);
    directory.put("a/b", ZERO);
    const copy = join(temporary.path, "copy");
    spawnSync("mkdir", [copy]);
    expect(spawnSync("mount", ["--bind", directory.path, copy]).status).toBe(0); // a container has it
    directory.close();
    expect(existsSync(join(copy, "zero"))).toBe(true);
    directory = open();
    directory.put("a/c", ZERO);
    expect(readdirSync(copy).toSorted()).toEqual(["a", "zero"]);
    directory.forgetOthers();
    expect(readdirSync(copy)).toEqual(["a"]);
    expect(readdirSync(join(copy, "a"))).toEqual(["c"]);
    spawnSync("umount", [copy]);
    spawnSync("rmdir", [copy]);
  });

  test("another relay is refused", () => {
    expect(open).toThrow(/another relay/);
  });
});
