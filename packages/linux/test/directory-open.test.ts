import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import type { SocketDirectory } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { expect, onTestFinished, test } from "vitest";

import { startOwn } from "./world/containers.js";
import { makePlace, unusable } from "./world/directories.js";
import { asRoot, asUser } from "./world/privilege.js";

test("a directory is made with what is above it, for its owner alone", () => {
  const { folder, open } = makePlace();
  const path = join(folder.base, "a/b/c");
  open(path);
  const { mode, uid, gid } = statSync(path);
  expect([mode & 0o7777, uid, gid]).toEqual([0o700, folder.uid, folder.gid]);
});

test("a symlink is refused, also with a slash at its end", () => {
  const { folder, open } = makePlace();
  folder.make();
  const link = join(folder.base, "link");
  symlinkSync(folder.path, link);
  for (const path of [link, `${link}/`]) expect(() => open(path)).toThrow(unusable(/it is no directory/));
});

test("a symlink above it that a container owns, or could exchange, leads nowhere", (context) => {
  asRoot(context);
  const { folder, open } = makePlace();
  for (const [name, owner] of [
    ["rootfs", 100_000],
    ["ours", 0],
  ] as const) {
    mkdirSync(join(folder.base, name));
    symlinkSync(join(folder.base, "host"), join(folder.base, name, "run"));
    lchownSync(join(folder.base, name, "run"), owner, owner);
  }
  mkdirSync(join(folder.base, "host"));
  expect(() => open(join(folder.base, "rootfs/run/box"))).toThrow(
    unusable(/symlink run above it is not root's or ours/),
  );
  expect(readdirSync(join(folder.base, "host"))).toEqual([]);
  open(join(folder.base, "ours/run/box"));
  expect(readdirSync(join(folder.base, "host"))).toEqual(["box"]);
  chownSync(join(folder.base, "ours"), 100_000, 100_000);
  expect(() => open(join(folder.base, "ours/run/other"))).toThrow(unusable(/symlink run/));
});

test("through /proc/PID/root and symlinks of ours a directory is found, and taken down at the end", () => {
  const { folder } = makePlace();
  mkdirSync(join(folder.base, "a"));
  symlinkSync("../a", join(folder.base, "a/relative"));
  symlinkSync("loop", join(folder.base, "loop"));
  const kernel = openLinux({ lockDirectory: join(folder.base, "locks") });
  const directory = kernel.openDirectory(join("/proc/self/root", folder.base, "a/relative/b/c"), folder);
  expect(existsSync(join(folder.base, "a/b/c"))).toBe(true);
  directory.close();
  expect(readdirSync(join(folder.base, "a/b"))).toEqual([]);
  expect(() => kernel.openDirectory(join(folder.base, "loop/c"), folder)).toThrow(unusable(/symlink/));
});

test("nothing of another mount namespace is opened: its owner may mount whatever he likes there", async (context) => {
  asRoot(context);
  const { folder } = makePlace();
  folder.make();
  const agent = await startOwn();
  onTestFinished(() => agent.end());
  const there = (name: string) => join(`/proc/${agent.pid}/root`, folder.base, name);
  const kernel = openLinux({ lockDirectory: join(folder.base, "locks") });
  for (const name of ["box", "none", "above/none"]) {
    expect(() => kernel.openDirectory(there(name), folder)).toThrow(unusable(/another mount namespace/));
  }
  expect(readdirSync(folder.base)).toEqual(["box"]);
});

test("a way that leads elsewhere meanwhile is not gone again", () => {
  const { folder } = makePlace();
  const kernel = openLinux({ lockDirectory: join(folder.base, "locks") });
  const directory = kernel.openDirectory(join(folder.base, "a/c"), folder);
  renameSync(join(folder.base, "a"), join(folder.base, "b"));
  mkdirSync(join(folder.base, "a/c"), { recursive: true });
  directory.close();
  expect([existsSync(join(folder.base, "a/c")), existsSync(join(folder.base, "b/c"))]).toEqual([true, false]);
});

test("a place below a file is refused", () => {
  const { folder, open } = makePlace();
  writeFileSync(folder.path, "");
  expect(() => open(join(folder.path, "below"))).toThrow(unusable(/no directory/));
});

test.each([0o777, 0o1777, 0o702])("a directory of mode %o is refused", (mode) => {
  const { folder, open } = makePlace();
  folder.make();
  chmodSync(folder.path, mode);
  expect(() => open()).toThrow(unusable(/anybody may write to it/));
});

test("a directory of another container's is refused", (context) => {
  asRoot(context);
  const { folder, open } = makePlace();
  folder.make();
  chownSync(folder.path, 200_000, 200_000);
  expect(() => open()).toThrow(unusable(/belongs to uid 200000/));
});

test("a directory to which another group may write is refused", (context) => {
  asRoot(context);
  const { folder, open } = makePlace();
  folder.make();
  chownSync(folder.path, folder.uid, 4242);
  chmodSync(folder.path, 0o770);
  expect(() => open()).toThrow(unusable(/group 4242 may write/));
});

test("an ordinary user gives no directory away, and leaves none behind", (context) => {
  asUser(context);
  const { folder, locks } = makePlace();
  const stranger = folder.uid + 1;
  const give = (): SocketDirectory =>
    openLinux({ lockDirectory: locks }).openDirectory(folder.path, { uid: stranger, gid: 0 });
  expect(give).toThrow(unusable(new RegExp(`cannot be given to uid ${stranger}`)));
  expect(existsSync(folder.path)).toBe(false);
});

test("where we may make none is said", (context) => {
  asUser(context);
  const { open } = makePlace();
  expect(() => open("/etc/uevent-bridge-test")).toThrow(unusable(/permission is denied/));
});
