import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import type { DeviceDirectory, DeviceEntry } from "@uevent-bridge/kernel";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { openDeviceDirectory } from "../src/dev/device-directory.js";
import { Hand } from "../src/dev/hand.js";
import { Locks } from "../src/directory-lock.js";
import { MountTables } from "../src/mount-tables.js";

const addon = loadAddon();
const ZERO: DeviceEntry = { kind: "node", type: "char", major: 1, minor: 5, mode: 0o640, uid: 100_000, gid: 100_005 };

describe("a container's /dev", needs("root"), () => {
  let temporary: ReturnType<typeof temporaryDirectory>;
  let directory: DeviceDirectory;
  const path = () => join(temporary.path, "box.dev");
  const open = () =>
    openDeviceDirectory(
      {
        addon,
        locks: new Locks(addon, [join(temporary.path, ".locks")]),
        mounts: new MountTables(addon),
        hand: new Hand(addon),
      },
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
    const left = mounted();
    for (const line of left) spawnSync("umount", ["-l", line.split(" ")[4] ?? ""]);
    const isThere = existsSync(path());
    temporary[Symbol.dispose]();
    expect(left).toEqual([]);
    expect(isThere).toBe(false);
  });

  test("a node can be opened", () => {
    directory.put("deep/er/zero", ZERO);
    const fd = openSync(there("deep/er/zero"), "r");
    expect(readSync(fd, Buffer.alloc(4))).toBe(4);
    closeSync(fd);
  });

  test("one that is there stays the same node when only its mode changes", () => {
    directory.put("large", { ...ZERO, type: "block", major: 4000, minor: 1_000_000 });
    const { ino } = lstatSync(there("large"));
    directory.put("large", { ...ZERO, type: "block", major: 4000, minor: 1_000_000, mode: 0o600 });
    const found = lstatSync(there("large"));
    expect([found.ino, found.mode & 0o777]).toEqual([ino, 0o600]);
    const { stdout } = spawnSync("stat", ["-c", "%t:%T", there("large")], { encoding: "utf8" });
    expect(stdout).toBe("fa0:f4240\n");
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
    expect(new Set(seen.map((each) => each.join(" ")))).toEqual(new Set([["zero", 0o640].join(" ")]));
  });

  test("what a root with all capabilities of the host puts in the way is not followed, and is said", () => {
    const victim = join(temporary.path, "victim");
    mkdirSync(victim);
    writeFileSync(join(victim, "file"), "", { mode: 0o600 });
    directory.put("zero", ZERO);
    directory.put("deep/zero", ZERO);
    const above = openSync(path(), "r");
    const fs = addon.openNodes(above, "fs"); // as such a root makes its mount writable
    const theirs = (name: string) => `/proc/self/fd/${fs}/dev/${name}`;
    for (const name of ["zero", "deep"]) rmSync(theirs(name), { recursive: true });
    symlinkSync(join(victim, "file"), theirs("zero"));
    symlinkSync(victim, theirs("deep"));
    expect(() => directory.put("deep/file", ZERO)).toThrow(expect.objectContaining({ code: "PATH_UNUSABLE" }));
    directory.remove("deep/file");
    directory.put("zero", ZERO);
    expect(lstatSync(there("zero")).isCharacterDevice()).toBe(true);
    directory.forgetOthers();
    const { uid, mode } = lstatSync(join(victim, "file"));
    expect([readdirSync(victim), uid, mode & 0o777]).toEqual([["file"], 0, 0o600]);
    expect(readdirSync(directory.path)).toEqual(["zero"]);
    for (const fd of [fs, above]) closeSync(fd);
    rmSync(victim, { recursive: true });
  });

  test("a directory that somebody made for it stays when it is closed, and what is noted of it goes", () => {
    const own = join(temporary.path, "own.dev");
    mkdirSync(own, { mode: 0o710 });
    const locks = join(temporary.path, ".own-locks");
    const tools = { addon, locks: new Locks(addon, [locks]), mounts: new MountTables(addon), hand: new Hand(addon) };
    openDeviceDirectory(tools, own, { uid: 0, gid: 0 }).close();
    expect([readdirSync(own), statSync(own).mode & 0o7777]).toEqual([[], 0o710]);
    expect(readdirSync(locks)).toEqual([]);
  });

  test("one that was taken from a container just now is unmounted, whatever was seen a moment before", async () => {
    const [copy, other] = [join(temporary.path, "copy"), join(temporary.path, "other")];
    const mounts = new MountTables(addon);
    const tools = { addon, locks: new Locks(addon, [join(temporary.path, ".locks")]), mounts, hand: new Hand(addon) };
    const second = openDeviceDirectory(tools, join(temporary.path, "second.dev"), { uid: 0, gid: 0 });
    const third = openDeviceDirectory(tools, join(temporary.path, "third.dev"), { uid: 0, gid: 0 });
    const box = spawn("unshare", ["--mount", "sh", "-c", "echo; exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void box.kill());
    await once(box.stdout, "data");
    /** Whoever copies our own namespace meanwhile has none of it. */
    const inBox = (...command: readonly string[]) =>
      execFileSync("nsenter", ["--mount", `--target=${box.pid}`, ...command]);
    for (const [place, { path }] of [
      [copy, second],
      [other, third],
    ] as const) {
      mkdirSync(place);
      inBox("mount", "--bind", path, place);
    }
    inBox("umount", copy);
    second.close(); // sees that the third is bound
    inBox("umount", other);
    third.close();
    expect(mounted().filter((line) => line.includes("third.dev"))).toEqual([]);
    for (const place of [copy, other]) rmdirSync(place);
  });
});
