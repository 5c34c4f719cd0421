import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdirSync, openSync, rmdirSync } from "node:fs";
import { join } from "node:path";

import type { DeviceRights } from "@uevent-bridge/kernel";
import { afterEach, beforeEach, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { openCgroupRights } from "../src/rights/open-rights.js";

const addon = loadAddon();
const ROOT = needs("root");
let temporary: ReturnType<typeof temporaryDirectory>;
let cgroup = "";
let count = 0;

const open = (): DeviceRights => openCgroupRights({ addon, lockDirectories: [join(temporary.path, ".locks")] }, cgroup);

/** The programs that are attached to the cgroup. */
function attached(): readonly number[] {
  const fd = openSync(cgroup, constants.O_RDONLY | constants.O_DIRECTORY);
  const [, ...ids] = addon.queryDevicePrograms(fd) as readonly [number, ...number[]];
  closeSync(fd);
  return ids;
}

/** Whether a program in the cgroup can open a device: "ok", or what the system says. */
function tryOpen(path: string, flags = "<"): string {
  const script = `echo $$ > ${cgroup}/cgroup.procs && exec 3${flags}${path} && echo ok`;
  const { stdout, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
  return stdout.trim() || (/: ([^:]*)\n$/.exec(stderr)?.[1] ?? stderr);
}

/** As a runtime assembles it: reading and writing one character device is allowed, and nothing else. */
function runtimeProgram(major: number, minor: number, name = ""): number {
  const instruction = (code: number, registers: number, offset: number, immediate: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt8(code, 0);
    bytes.writeUInt8(registers, 1);
    bytes.writeInt16LE(offset, 2);
    bytes.writeInt32LE(immediate, 4);
    return bytes;
  };
  const program = addon.loadDeviceProgram(
    name,
    Buffer.concat([
      instruction(0x61, 0x12, 4, 0), // r2 = major
      instruction(0x61, 0x13, 8, 0), // r3 = minor
      instruction(0x55, 0x02, 3, major),
      instruction(0x55, 0x03, 2, minor),
      instruction(0xb7, 0x00, 0, 1),
      instruction(0x95, 0x00, 0, 0),
      instruction(0xb7, 0x00, 0, 0),
      instruction(0x95, 0x00, 0, 0),
    ]),
  );
  const fd = openSync(cgroup, constants.O_RDONLY | constants.O_DIRECTORY);
  expect(addon.attachDeviceProgram(fd, program, -1)).toBe(0);
  closeSync(fd);
  closeSync(program);
  return attached().at(-1) as number;
}

beforeEach(() => {
  temporary = temporaryDirectory();
  cgroup = join("/sys/fs/cgroup/unified", `uevent-bridge-rights-${process.pid}-${count++}`);
  mkdirSync(cgroup);
});

afterEach(() => {
  rmdirSync(cgroup);
  temporary[Symbol.dispose]();
});

const NULL = { type: "char", major: 1, minor: 3 } as const;
const ZERO = { type: "char", major: 1, minor: 5 } as const;

test("where nobody has said what may be opened, what is granted may, and nothing else", ROOT, () => {
  expect(tryOpen("/dev/null")).toBe("ok");
  const rights = open();
  expect(rights.adds).toBe(false);
  expect(tryOpen("/dev/null")).toBe("Operation not permitted");
  rights.grant(NULL, "r");
  expect(tryOpen("/dev/null")).toBe("ok");
  expect(tryOpen("/dev/null", ">")).toBe("Operation not permitted");
  rights.grant(NULL, "rw");
  expect(tryOpen("/dev/null", "<>")).toBe("ok");
  expect(tryOpen("/dev/zero")).toBe("Operation not permitted");
  rights.revoke(NULL);
  expect(tryOpen("/dev/null")).toBe("Operation not permitted");
  rights.close();
  expect(tryOpen("/dev/null")).toBe("ok");
  expect(attached()).toEqual([]);
});

test("what a wildcard grants and what the number itself does are united", ROOT, () => {
  const rights = open();
  rights.grant({ type: "char", major: 1, minor: "any" }, "r");
  expect(tryOpen("/dev/zero")).toBe("ok");
  expect(tryOpen("/dev/zero", "<>")).toBe("Operation not permitted");
  rights.grant(ZERO, "w");
  expect(tryOpen("/dev/zero", "<>")).toBe("ok");
  expect(tryOpen("/dev/null", "<>")).toBe("Operation not permitted");
  rights.grant({ type: "char", major: "any", minor: "any" }, "rw");
  expect(tryOpen("/dev/null", "<>")).toBe("ok");
  rights.close();
});

test("a runtime's rules stay, what is granted is added, and the rules are restored", ROOT, () => {
  runtimeProgram(NULL.major, NULL.minor);
  expect(tryOpen("/dev/null")).toBe("ok");
  expect(tryOpen("/dev/zero")).toBe("Operation not permitted");
  const rights = open();
  expect(rights.adds).toBe(true);
  expect(tryOpen("/dev/null")).toBe("ok");
  expect(tryOpen("/dev/zero")).toBe("Operation not permitted");
  rights.grant(ZERO, "rw");
  expect(tryOpen("/dev/zero")).toBe("ok");
  expect(tryOpen("/dev/null")).toBe("ok");
  expect(tryOpen("/dev/full")).toBe("Operation not permitted");
  rights.close();
  expect(tryOpen("/dev/null")).toBe("ok");
  expect(tryOpen("/dev/zero")).toBe("Operation not permitted");
  expect(attached()).toHaveLength(1);
});

test("another relay is refused while one says what may be opened", ROOT, () => {
  const rights = open();
  expect(() => open()).toThrow(/another relay \(pid \d+\) holds it/);
  rights.close();
  open().close();
});

test("more than the map takes is granted too, and nothing is refused meanwhile", ROOT, () => {
  runtimeProgram(NULL.major, NULL.minor);
  const rights = open();
  rights.grant(ZERO, "rw");
  for (let minor = 0; minor < 300; minor++) rights.grant({ type: "block", major: 7, minor }, "rw");
  rights.grant({ type: "char", major: 1, minor: 7 }, "rw");
  expect(["/dev/null", "/dev/zero", "/dev/full"].map((path) => tryOpen(path))).toEqual(["ok", "ok", "ok"]);
  expect(tryOpen("/dev/random")).toBe("Operation not permitted");
  expect(attached()).toHaveLength(1);
  rights.revoke(ZERO);
  expect(tryOpen("/dev/zero")).toBe("Operation not permitted");
  rights.close();
});

test("somebody who attaches another program is taken over, with its rules", ROOT, () => {
  const rights = open();
  rights.grant(ZERO, "rw");
  expect(rights.hold()).toBe(false);
  runtimeProgram(NULL.major, NULL.minor);
  expect(tryOpen("/dev/zero")).toBe("Operation not permitted"); // both are asked
  expect(rights.hold()).toBe(true);
  expect(["/dev/null", "/dev/zero", "/dev/full"].map((path) => tryOpen(path))).toEqual([
    "ok",
    "ok",
    "Operation not permitted",
  ]);
  expect(rights.hold()).toBe(false);
  rights.close();
  expect(["/dev/null", "/dev/zero"].map((path) => tryOpen(path))).toEqual(["ok", "Operation not permitted"]);
});

test("a runtime that makes its program anew has its new rules in force", ROOT, () => {
  runtimeProgram(NULL.major, NULL.minor, "sd_devices");
  const rights = open();
  runtimeProgram(ZERO.major, ZERO.minor, "sd_devices");
  expect(rights.hold()).toBe(true);
  rights.grant({ type: "char", major: 1, minor: 7 }, "rw");
  expect(["/dev/null", "/dev/zero", "/dev/full"].map((path) => tryOpen(path))).toEqual([
    "Operation not permitted",
    "ok",
    "ok",
  ]);
  rights.close();
  expect(attached()).toHaveLength(1);
});

test("what a killed relay granted holds until it is known what the next one grants", ROOT, () => {
  runtimeProgram(NULL.major, NULL.minor);
  const killed = open();
  killed.grant(ZERO, "rw");
  killed.grant({ type: "char", major: 1, minor: 7 }, "rw");
  const [left] = attached();
  const kept = addon.openBpfProgram(left as number);
  killed.close();
  const fd = openSync(cgroup, constants.O_RDONLY | constants.O_DIRECTORY);
  const restored = addon.openBpfProgram(attached()[0] as number);
  expect(addon.attachDeviceProgram(fd, kept, restored)).toBe(0); // as after kill -9: its program is in force
  for (const each of [fd, kept, restored]) closeSync(each);
  const opened = () => ["/dev/null", "/dev/zero", "/dev/full"].map((path) => tryOpen(path) === "ok");
  const rights = open();
  expect(opened()).toEqual([true, true, true]);
  rights.grant(ZERO, "rw");
  rights.forgetOthers();
  expect(opened()).toEqual([true, true, false]);
  rights.close();
  expect(opened()).toEqual([true, false, false]);
  expect(attached()).toHaveLength(1);
});
