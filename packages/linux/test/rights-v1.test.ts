import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { DeviceRights } from "@uevent-bridge/kernel";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { openCgroupRights } from "../src/rights/open-rights.js";

const ROOT = "/sys/fs/cgroup/devices";
const addon = loadAddon();
const NULL = { type: "char", major: 1, minor: 3 } as const;
const ZERO = { type: "char", major: 1, minor: 5 } as const;
const DEVICES = ["/dev/null", "/dev/zero", "/dev/full"];
let temporary: ReturnType<typeof temporaryDirectory>;
let cgroup = "";
let count = 0;

const open = (path = cgroup): DeviceRights =>
  openCgroupRights({ addon, lockDirectories: [join(temporary.path, ".locks")] }, path);

const list = (): string => readFileSync(join(cgroup, "devices.list"), "latin1");

function runtimeLetsIn(...lines: readonly string[]): void {
  writeFileSync(join(cgroup, "devices.deny"), "a");
  for (const line of lines) writeFileSync(join(cgroup, "devices.allow"), line);
}

/** Which of the devices a program in the cgroup can read. */
function readable(): readonly string[] {
  const script = `echo $$ > ${cgroup}/cgroup.procs; for each in ${DEVICES.join(" ")}; do (: <$each) 2>&- && echo $each; done; true`;
  return spawnSync("sh", ["-c", script], { encoding: "utf8" }).stdout.split("\n").filter(Boolean);
}

describe.runIf(existsSync(ROOT))("in cgroup v1", needs("root"), () => {
  beforeEach(() => {
    temporary = temporaryDirectory();
    cgroup = join(ROOT, `uevent-bridge-rights-${process.pid}-${count++}`);
    mkdirSync(cgroup);
  });
  afterEach(() => {
    rmdirSync(cgroup);
    temporary[Symbol.dispose]();
  });

  test("where everything may be opened, what is granted may, and nothing else", () => {
    const before = list();
    const rights = open();
    expect(rights.adds).toBe(false);
    expect(readable()).toEqual([]);
    rights.grant(ZERO, "rw");
    expect(readable()).toEqual(["/dev/zero"]);
    rights.revoke(ZERO);
    expect(readable()).toEqual([]);
    rights.close();
    expect(list()).toBe(before);
  });

  test("a runtime's rules stay, what is granted is added, and the rules are restored", () => {
    runtimeLetsIn("c 1:3 r", "c 1:7 rwm");
    const before = list();
    const rights = open();
    expect(rights.adds).toBe(true);
    rights.grant(ZERO, "rw");
    rights.grant(NULL, "rw");
    expect(readable()).toEqual(DEVICES);
    rights.revoke(ZERO);
    rights.revoke(NULL);
    expect(readable()).toEqual(["/dev/null", "/dev/full"]);
    expect(list()).toBe(before);
    rights.grant(ZERO, "rw");
    rights.close();
    expect(list()).toBe(before);
  });

  test("less may be granted than was", () => {
    runtimeLetsIn();
    const rights = open();
    rights.grant(ZERO, "rwm");
    rights.grant(ZERO, "w");
    expect(list()).toBe("c 1:5 w\n");
    rights.close();
    expect(list()).toBe("");
  });

  test("what a runtime takes away by writing its list anew is granted again", () => {
    runtimeLetsIn("c 1:3 r");
    const rights = open();
    rights.grant(ZERO, "rw");
    expect(rights.hold()).toBe(false);
    runtimeLetsIn("c 1:3 r");
    expect(readable()).toEqual(["/dev/null"]);
    expect(rights.hold()).toBe(true);
    expect(readable()).toEqual(["/dev/null", "/dev/zero"]);
    rights.close();
  });

  test("what the cgroup above may not open cannot be granted, and it is said", () => {
    runtimeLetsIn("c 1:3 rwm");
    const below = join(cgroup, "below");
    mkdirSync(below);
    const rights = open(below);
    try {
      expect(() => rights.grant(ZERO, "rw")).toThrow(/the one above it may not open it/);
    } finally {
      rights.close();
      rmdirSync(below);
    }
  });

  /** The note of a killed relay is in its lock file. */
  function killedRelay(note: string): void {
    const { dev, ino } = statSync(cgroup, { bigint: true });
    mkdirSync(join(temporary.path, ".locks"), { mode: 0o700 });
    writeFileSync(join(temporary.path, ".locks", `${dev}-${ino}`), `1\n${note}\n`);
  }

  test("what a killed relay granted holds until it is known what the next one grants", () => {
    runtimeLetsIn("c 1:3 r", "c 1:5 rw", "c 1:7 rw");
    killedRelay("devices c 1:3 r");
    const rights = open();
    rights.grant(ZERO, "rw");
    expect(readable()).toEqual(DEVICES);
    rights.forgetOthers();
    expect(readable()).toEqual(["/dev/null", "/dev/zero"]);
    rights.close();
    expect(list()).toBe("c 1:3 r\n");
  });

  test("where a killed relay let nothing be opened any more, everything may be when the next one has ended", () => {
    const before = list();
    runtimeLetsIn("c 1:5 rw");
    killedRelay(`devices ${before.trim()}`);
    open().close();
    expect(list()).toBe(before);
  });
});
