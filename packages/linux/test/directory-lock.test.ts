import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";

import { openLinux } from "@uevent-bridge/linux";
import { afterAll, beforeAll, expect, test } from "vitest";

import { loadAddon } from "../src/addon.js";
import { lockFile } from "../src/file-lock.js";
import type { Folder } from "./world/directory.js";
import { makePlace, unusable } from "./world/directories.js";
import { Holder } from "./world/holds.js";

let holder: Holder;
beforeAll(async () => {
  holder = await Holder.make();
});
afterAll(() => holder.close());

/** Another process opens the folder as a relay does. */
async function startOther(folder: Folder): Promise<ChildProcess> {
  const task = { steps: ["open"], directory: folder, stay: true };
  const child = spawn(process.execPath, holder.arguments(task), { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

test.each([
  ["that was there stays", (folder: Folder) => folder.make(), true],
  ["that it made is removed by the next", () => {}, false],
])(
  "another relay that holds a directory is named, and killed is in nobody's way; one %s",
  async (_, prepare, stays) => {
    const { folder } = makePlace();
    prepare(folder);
    const child = await startOther(folder);
    const kernel = openLinux(); // its locks are where all relays of this user have theirs
    const take = (): void => kernel.openDirectory(folder.path, folder).close();
    expect(take).toThrow(unusable(new RegExp(`another relay \\(pid ${child.pid}\\) holds it`)));
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(take).not.toThrow();
    expect(folder.exists()).toBe(stays);
  },
);

test("a container that locks its directory keeps nobody out", async () => {
  const { folder, open } = makePlace();
  folder.make();
  const locker = spawn("flock", [folder.path, "sh", "-c", "echo; sleep 10"], { stdio: ["ignore", "pipe", "inherit"] });
  await once(locker.stdout, "data");
  expect(() => open()).not.toThrow();
  locker.kill();
});

test("a lock leaves no file behind", () => {
  const { open, locks } = makePlace();
  open().close();
  const directory = open();
  expect(readdirSync(locks)).toHaveLength(1);
  directory.close();
  expect(readdirSync(locks)).toEqual([]);
});

test("a lock has one holder, who is named", () => {
  const { folder } = makePlace();
  const take = (): ReturnType<typeof lockFile> => lockFile(loadAddon(), `${folder.base}/lock`);
  const first = take();
  expect(take()).toEqual({ holder: process.pid });
  if ("release" in first) first.release();
  const second = take();
  expect(take()).toEqual({ holder: process.pid });
  if ("release" in second) second.release();
});

test("a lock whose file its holder removed between opening and locking is taken anew", () => {
  const { folder } = makePlace();
  const path = `${folder.base}/lock`;
  const addon = loadAddon();
  let removals = 1;
  const lock = (fd: number): number => {
    if (removals-- > 0) rmSync(path);
    return addon.lockFile(fd);
  };
  const taken = lockFile({ ...addon, lockFile: lock }, path);
  expect(lockFile(addon, path)).toEqual({ holder: process.pid });
  if ("release" in taken) taken.release();
});

test("there is no place for a lock where strangers may write", () => {
  const { locks, open } = makePlace();
  mkdirSync(locks);
  chmodSync(locks, 0o777);
  expect(() => open()).toThrow(unusable(/no place for its lock/));
});

test("nothing is made where somebody's symlink in the place of the locks leads", () => {
  const { folder } = makePlace();
  const elsewhere = `${folder.base}/elsewhere`;
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, `${folder.base}/squatted`);
  const kernel = openLinux({ lockDirectory: `${folder.base}/squatted/.locks` });
  expect(() => kernel.openDirectory(folder.path, folder)).toThrow(unusable(/no place for its lock/));
  expect(readdirSync(elsewhere)).toEqual([]);
});
