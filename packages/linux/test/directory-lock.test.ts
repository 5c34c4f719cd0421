import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  fstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { afterAll, beforeAll, expect, test } from "vitest";

import { loadAddon } from "../src/addon.js";
import { Locks } from "../src/directory-lock.js";
import type { FileLock } from "../src/file-lock.js";
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
  const take = (): ReturnType<typeof lockFile> => lockFile(loadAddon(), `${folder.base}/lock`, "/about");
  const first = take();
  expect(take()).toEqual({ holder: process.pid, isSwept: false, about: "/about" });
  if ("release" in first) first.release();
  const second = take();
  expect(take()).toEqual({ holder: process.pid, isSwept: false, about: "/about" });
  if ("release" in second) second.release();
});

test("a lock can be had beside another, and is let go of with that, or for the next", () => {
  const { folder } = makePlace();
  const take = (name: string): FileLock => {
    const lock = lockFile(loadAddon(), `${folder.base}/${name}`, `/about-${name}`);
    if (!("release" in lock)) throw new Error("it is held");
    return lock;
  };
  const [first, second] = [take("first"), take("second")];
  const held = { holder: process.pid, isSwept: false, about: "/about-first" };
  expect([first.also("place"), first.also("place"), second.also("place")]).toEqual([undefined, undefined, held]);
  expect([first.also("other"), second.also("place"), second.also("other")]).toEqual([undefined, undefined, held]);
  first.release();
  expect(second.also("other")).toBeUndefined();
  second.release();
  expect(readdirSync(folder.base).filter((name) => /first|second|place|other/.test(name))).toEqual([]);
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
  const taken = lockFile({ ...addon, lockFile: lock }, path, "/about");
  expect(lockFile(addon, path, "/about")).toEqual({ holder: process.pid, isSwept: false, about: "/about" });
  if ("release" in taken) taken.release();
});

test("what a holder noted that was killed stays noted until the next notes something else", () => {
  const { folder } = makePlace();
  const path = `${folder.base}/lock`;
  const noted = (): string | undefined => readFileSync(path, "utf8").split("\n")[1];
  writeFileSync(path, '1\nplaced 5\n"/about"\nof a longer line');
  const lock = lockFile(loadAddon(), path, "/about");
  if (!("release" in lock)) throw new Error("nobody holds it");
  expect([lock.left, noted()]).toEqual(["placed 5", "placed 5"]);
  lock.note("");
  expect(noted()).toBe("");
  lock.release();
});

test("what a relay of an older version noted, which did not say about what, is known", () => {
  const { folder } = makePlace();
  const path = `${folder.base}/lock`;
  writeFileSync(path, "1\nplaced 5\n");
  const lock = lockFile(loadAddon(), path, "/about");
  if (!("release" in lock)) throw new Error("nobody holds it");
  expect(lock.left).toBe("placed 5");
  lock.release();
});

test("what was noted about another directory, whose inode it has, is nothing", () => {
  const { folder } = makePlace();
  const path = `${folder.base}/lock`;
  writeFileSync(path, '1\nplaced 5\n"/other"\n');
  const lock = lockFile(loadAddon(), path, "/about");
  if (!("release" in lock)) throw new Error("nobody holds it");
  expect(lock.left).toBe("");
  lock.release();
});

test("locks are removed that were left by relays that were killed, of directories that have gone; not others", () => {
  const { folder, locks, open } = makePlace();
  mkdirSync(locks, { mode: 0o700 });
  const { dev, ino } = statSync(folder.base);
  const kept = [`${dev}-${ino}`, "1-1", "1-2"]; // of one that is there, an older one, and what is none
  const [here = "", older = "", none = ""] = kept;
  writeFileSync(join(locks, here), `1\nmade\n${JSON.stringify(folder.base)}\n`);
  writeFileSync(join(locks, older), "1\nmade\n");
  writeFileSync(join(locks, none), "1\nmade\n{[\n");
  writeFileSync(join(locks, "1-3"), `1\nmade\n${JSON.stringify(join(folder.base, "gone"))}\n`);
  writeFileSync(join(locks, "1-4"), `1\nmade\n${JSON.stringify(folder.base)}\n`); // another has its path
  open().close();
  expect(readdirSync(locks).toSorted()).toEqual(kept.toSorted());
});

test("a directory that a relay made that was killed at once is taken for ours: given to its owner, and removed", () => {
  const { folder, open } = makePlace();
  mkdirSync(folder.path);
  chmodSync(folder.path, 0o1700);
  const directory = open();
  const { uid, mode } = statSync(folder.path);
  expect([uid, (mode & 0o7777).toString(8)]).toEqual([folder.uid, "700"]);
  directory.close();
  expect(folder.exists()).toBe(false);
});

test("a directory of that mode in which somebody has something is not", () => {
  const { folder, open } = makePlace();
  mkdirSync(folder.path);
  chmodSync(folder.path, 0o1700);
  writeFileSync(join(folder.path, "something"), "");
  open().close();
  expect(readdirSync(folder.path)).toEqual(["something"]);
  rmSync(join(folder.path, "something"));
  expect((statSync(folder.path).mode & 0o7777).toString(8)).toBe("1700");
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

const DEAD = spawnSync("true").pid;

test.each([
  ["another relay only sweeps", `1\nmade\nPATH\nswept\n`],
  ["what a killed relay started has still", `${DEAD}\nmade\nPATH\n`],
])("a directory that %s is waited for", async (_, noted) => {
  const { folder, locks, open } = makePlace();
  folder.make();
  mkdirSync(locks, { mode: 0o700 });
  const { dev, ino } = statSync(folder.path);
  const lock = join(locks, `${dev}-${ino}`);
  writeFileSync(lock, noted.replace("PATH", JSON.stringify(folder.path)));
  const sweeper = spawn("flock", [lock, "sh", "-c", "echo; sleep 0.3"], { stdio: ["ignore", "pipe", "inherit"] });
  await once(sweeper.stdout, "data");
  expect(() => open()).not.toThrow();
});

test("a directory that is swept in the moment before it is locked is made anew", () => {
  const { folder, locks } = makePlace();
  folder.make();
  const addon = loadAddon();
  let sweeps = 1;
  const lockFile = (fd: number): number => {
    if (sweeps-- > 0) rmSync(folder.path, { recursive: true });
    return addon.lockFile(fd);
  };
  const { opened, lock } = new Locks({ ...addon, lockFile }, [locks]).open(folder.path, folder);
  expect([statSync(folder.path).ino, opened.made]).toEqual([fstatSync(opened.fd).ino, true]);
  expect(readdirSync(locks)).toHaveLength(1);
  lock.release();
  closeSync(opened.fd);
});
