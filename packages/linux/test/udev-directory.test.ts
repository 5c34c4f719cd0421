import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { UdevEntry } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { afterEach, beforeEach, expect, test } from "vitest";

import { readUdevRecord } from "../src/udev.js";

let base: string;
let path: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "uevent-bridge-udev-"));
  path = join(base, "run/box");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const ENTRY: UdevEntry = {
  properties: new Map([
    ["ID_SERIAL", "a=b c"],
    ["ID_BUS", "usb"],
  ]),
  links: ["/dev/disk/by-id/x", "/dev/disk/by-path/y"],
  priority: -100,
  tags: ["seat", "uaccess"],
  initialized: 4242n,
};

const open = () => openLinux({ lockDirectory: join(base, "locks") }).openUdevDirectory(path);

function files(): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

test("an entry reads as udev's own, with an empty file for each tag", () => {
  const directory = open();
  directory.put("b8:1", ENTRY);
  const device = {
    devpath: "/devices/sda1",
    subsystem: "block",
    uevent: Buffer.from("MAJOR=8\nMINOR=1\n"),
    incarnation: "",
  };
  const { initialized: _, ...record } = ENTRY;
  expect(readUdevRecord(device, join(path, "data"))).toEqual(record);
  expect(readFileSync(join(path, "data/b8:1"), "latin1")).toContain("I:4242\n");
  expect(files()).toEqual(["control", "data/b8:1", "tags/seat/b8:1", "tags/uaccess/b8:1"]);
  directory.close();
});

test("a tag that it has no more is taken back, and with the device all", () => {
  const directory = open();
  directory.put("b8:1", ENTRY);
  directory.put("b8:1", { ...ENTRY, tags: ["uaccess", "systemd"] });
  expect(files()).toEqual(["control", "data/b8:1", "tags/systemd/b8:1", "tags/uaccess/b8:1"]);
  directory.remove("b8:1");
  directory.remove("b8:1");
  expect(files()).toEqual(["control"]);
  directory.close();
});

test("what says nothing new is not written again", () => {
  const directory = open();
  const inode = (): number => statSync(join(path, "data/b8:1")).ino;
  directory.put("b8:1", ENTRY);
  const first = inode();
  directory.put("b8:1", { ...ENTRY });
  expect(inode()).toBe(first);
  directory.put("b8:1", { ...ENTRY, tags: [] });
  expect(inode()).not.toBe(first);
  directory.remove("b8:1");
  directory.put("b8:1", { ...ENTRY, tags: [] });
  expect(existsSync(join(path, "data/b8:1"))).toBe(true);
  directory.close();
});

test("anybody may read it and nobody else write", () => {
  const directory = open();
  directory.put("n2", ENTRY);
  expect(["", "data", "tags", "tags/seat"].map((name) => statSync(join(path, name)).mode & 0o777)).toEqual([
    0o755, 0o755, 0o755, 0o755,
  ]);
  expect(statSync(join(path, "data/n2")).mode & 0o777).toBe(0o644);
  directory.close();
});

test("what a relay before left is taken out, in the directory that a container has bound", () => {
  mkdirSync(join(path, "data"), { recursive: true });
  writeFileSync(join(path, "data/b8:9"), "V:1\n");
  const { ino } = statSync(path);
  const directory = open();
  expect(files()).toEqual(["control"]);
  expect(statSync(path).ino).toBe(ino);
  directory.close();
  expect(existsSync(path)).toBe(false);
});

test.each(["../escaped", "a/b", "", ".", "..", ".writing", "x".repeat(300), "a\0b"])(
  "the name %j is nobody's",
  (name) => {
    const directory = open();
    directory.put(name, ENTRY);
    directory.put("n2", { ...ENTRY, tags: [name] });
    expect(files()).toEqual(["control", "data/n2"]);
    directory.remove(name);
    directory.close();
    expect(readdirSync(join(base, "run"))).toEqual([]);
  },
);

test("a value with a line's end in it is one value", () => {
  const directory = open();
  directory.put("n2", { ...ENTRY, properties: new Map([["ID_MODEL", "a\nE:ID_SERIAL=forged"]]) });
  expect(readFileSync(join(path, "data/n2"), "latin1")).not.toMatch(/^E:ID_SERIAL/m);
  directory.close();
});

test("what is put in its way is not followed", () => {
  const victim = join(base, "victim");
  writeFileSync(victim, "untouched");
  const directory = open();
  symlinkSync(victim, join(path, ".writing"));
  rmSync(join(path, "data"), { recursive: true });
  symlinkSync(base, join(path, "data"));
  mkdirSync(join(path, "tags"), { recursive: true });
  symlinkSync(base, join(path, "tags/seat"));
  expect(() => directory.put("victim", ENTRY)).toThrow();
  expect(readFileSync(victim, "utf8")).toBe("untouched");
  expect(readdirSync(base).sort()).toEqual(["locks", "run", "victim"]);
  directory.close();
});

test("two never share one", () => {
  const directory = open();
  expect(open).toThrow(expect.objectContaining({ code: "PATH_UNUSABLE" }));
  directory.close();
  open().close();
});

test("libudev takes an entry for udevd's own", (context) => {
  if (!existsSync("/usr/bin/udevadm") || !existsSync("/sys/devices/virtual/mem/null")) context.skip("no udevadm here");
  const directory = open();
  directory.put("c1:3", ENTRY);
  const own = process.geteuid?.() === 0 ? ["-m"] : ["-U", "-r", "-m"];
  const script =
    'mount -t tmpfs none /run && mkdir /run/udev && mount --bind "$0" /run/udev && exec udevadm info -q property -p "$1"';
  const args = [...own, "sh", "-c", script, path, "/sys/devices/virtual/mem/null"];
  const shown = execFileSync("unshare", args, { encoding: "utf8" });
  expect(shown).toContain("ID_SERIAL=a=b c\n");
  expect(shown).toMatch(/^TAGS=:(seat:uaccess|uaccess:seat):$/m); // in no order
  const [, links = ""] = /^DEVLINKS=(.*)$/m.exec(shown) ?? [];
  expect(links.split(" ").sort()).toEqual(ENTRY.links); // in no order either
  directory.close();
});
