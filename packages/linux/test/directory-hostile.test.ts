import { spawnSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { SocketDirectory } from "@uevent-bridge/kernel";
import { expect, test } from "vitest";

import { ownTime } from "../../../test/real/own-time.js";
import { makePlace } from "./world/directories.js";
import { asUser } from "./world/privilege.js";

test("only sockets are listed, and only those for datagrams reach anybody", async () => {
  const { folder, open } = makePlace();
  folder.make();
  folder.bind("good.sock");
  folder.bind("dead.sock").close();
  await folder.odd("file.sock", "file");
  await folder.odd("directory.sock", "directory");
  await folder.odd("stream.sock", "stream");
  spawnSync("mkfifo", [join(folder.path, "fifo.sock")]);
  symlinkSync("/run/dbus/system_bus_socket", join(folder.path, "symlink.sock"));
  symlinkSync("good.sock", join(folder.path, "near.sock"));
  linkSync(join(folder.path, "good.sock"), join(folder.path, "hardlink.sock"));
  const directory = open();
  const { entries } = directory.list(64);
  const results = entries.map((entry) => [entry.name, outcome(directory.connect(entry))]);
  expect(Object.fromEntries(results)).toEqual({
    "good.sock": "connected",
    "hardlink.sock": "connected",
    "dead.sock": "gone",
    "stream.sock": "denied",
  });
});

test("names that do not end in .sock, or are no text, are not listed", () => {
  const { folder, open } = makePlace();
  folder.make();
  for (const name of ["hidden", ".sock.", "a.sock~", "ü.sock"]) folder.bind(name);
  const bytes = Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0xff]), Buffer.from(".sock")]);
  linkSync(join(folder.path, "hidden"), bytes);
  const names = open()
    .list(64)
    .entries.map(({ name }) => name);
  rmSync(bytes);
  expect(names).toEqual(["ü.sock"]);
});

test("5000 sockets are read in a moment, up to the limit", () => {
  const { folder, open } = makePlace();
  folder.make();
  folder.bind("first.sock");
  for (let n = 0; n < 5000; n++) linkSync(join(folder.path, "first.sock"), join(folder.path, `${n}.sock`));
  const directory = open();
  const begin = ownTime();
  const { entries, more } = directory.list(64);
  const took = ownTime() - begin;
  expect([entries.length, more]).toEqual([64, true]);
  expect(took).toBeLessThan(100); // ms
});

test("of very many entries not all are looked at, and it is said", () => {
  const { folder, open } = makePlace();
  folder.make();
  writeFileSync(join(folder.path, "x"), "");
  for (let n = 0; n < 9000; n++) linkSync(join(folder.path, "x"), join(folder.path, `${n}`));
  expect(open().list(64)).toEqual({ entries: [], more: true });
});

test("one who changes it all the time is told of at most 200 times a second", async () => {
  const { folder, open } = makePlace();
  folder.make();
  let calls = 0;
  open().onChange(() => calls++);
  const begin = performance.now();
  while (performance.now() - begin < 200 || calls < 2) {
    mkdirSync(join(folder.path, "x"));
    rmSync(join(folder.path, "x"), { recursive: true });
    await new Promise(setImmediate);
  }
  expect(calls).toBeLessThanOrEqual((performance.now() - begin) / 5);
});

test("another socket under a listed name is not connected to", () => {
  const { folder, open } = makePlace();
  folder.make();
  folder.bind("a.sock");
  const directory = open();
  const [entry] = directory.list(1).entries;
  rmSync(join(folder.path, "a.sock"));
  folder.bind("b.sock"); // where inodes are used again, this one takes it
  folder.bind("a.sock");
  expect(entry && outcome(directory.connect(entry))).toBe("gone");
});

test.each<[string, (path: string, elsewhere: string) => void]>([
  ["symlink", (path, elsewhere) => symlinkSync(elsewhere, path)],
  ["FIFO", (path) => void spawnSync("mkfifo", [path])],
  ["directory", (path) => mkdirSync(path)],
])("a %s that took the place of a listed socket is neither followed nor opened", (_, put) => {
  const { folder, open } = makePlace();
  folder.make();
  folder.bind("a.sock");
  folder.bind("elsewhere");
  const directory = open();
  const [entry] = directory.list(1).entries;
  rmSync(join(folder.path, "a.sock"));
  put(join(folder.path, "a.sock"), join(folder.path, "elsewhere"));
  expect(entry && outcome(directory.connect(entry))).toBe("gone");
});

test("a symlink to the very socket that was listed is not followed either", () => {
  const { folder, open } = makePlace();
  folder.make();
  folder.bind("a.sock");
  const directory = open();
  const [entry] = directory.list(1).entries;
  renameSync(join(folder.path, "a.sock"), join(folder.path, "moved"));
  symlinkSync("moved", join(folder.path, "a.sock"));
  expect(entry && outcome(directory.connect(entry))).toBe("gone");
});

test("a directory that its owner made unreadable is as it was, until it can be read again", async (context) => {
  asUser(context);
  const { folder, open } = makePlace();
  folder.make();
  folder.bind("a.sock");
  const directory = open();
  const before = directory.list(64);
  chmodSync(folder.path, 0);
  expect(directory.list(64)).toEqual(before);
  await pause(50); // in which it cannot be watched
  chmodSync(folder.path, 0o700);
  let calls = 0;
  directory.onChange(() => calls++);
  folder.bind("b.sock");
  await expect.poll(() => calls).toBeGreaterThan(0);
  expect(directory.list(64).entries).toHaveLength(2);
});

test("200 directories are watched at once: more than a user may have inotify instances", async () => {
  const { folder, open } = makePlace();
  const changed = new Set<number>();
  for (let n = 0; n < 200; n++) open(join(folder.base, "many", `${n}`)).onChange(() => changed.add(n));
  for (let n = 0; n < 200; n += 2) writeFileSync(join(folder.base, "many", `${n}`, "x"), "");
  await expect.poll(() => changed.size).toBeGreaterThanOrEqual(100);
  await pause(200); // and of no others
  expect([...changed].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => 2 * i));
});

function outcome(result: ReturnType<SocketDirectory["connect"]>): string {
  if (typeof result === "string") return result;
  result.close();
  return "connected";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
