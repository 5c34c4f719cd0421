import { chmodSync, chownSync, existsSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { SocketDirectory } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { expect, test } from "vitest";

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
