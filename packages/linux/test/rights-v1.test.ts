import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { DeviceRights } from "@uevent-bridge/kernel";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { Locks } from "../src/directory-lock.js";
import { cgroupsOf } from "../src/rights/cgroups.js";
import { openCgroupRights, openProcessRights } from "../src/rights/open-rights.js";
import { Cgroup, tryToOpen } from "./world/cgroups.js";

const addon = loadAddon();
const NULL = { type: "char", major: 1, minor: 3 } as const;
const ZERO = { type: "char", major: 1, minor: 5 } as const;
const FULL = { type: "char", major: 1, minor: 7 } as const;
const HOME = cgroupsOf(process.pid).devices;

describe.runIf(HOME !== undefined)("in cgroup v1", needs("root"), () => {
  let temporary: ReturnType<typeof temporaryDirectory>;
  let cgroup: Cgroup;

  const open = (path = cgroup.path): DeviceRights =>
    openCgroupRights({ addon, locks: new Locks(addon, [join(temporary.path, ".locks")]) }, path);
  const list = (): string => readFileSync(join(cgroup.path, "devices.list"), "latin1");

  /** A cgroup that the container has made. */
  function below(name: string): string {
    const path = join(cgroup.path, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Whether the kernel has let go of those that were below it: until then it takes no `a`. */
  function isAlone(): boolean {
    try {
      writeFileSync(join(cgroup.path, "devices.deny"), "a");
      return true;
    } catch {
      return false;
    }
  }

  beforeEach(() => {
    temporary = temporaryDirectory();
    cgroup = new Cgroup([HOME ?? ""]);
  });
  afterEach(() => {
    if (existsSync(join(cgroup.path, "kubepods"))) rmdirSync(join(cgroup.path, "kubepods"));
    cgroup.remove();
    temporary[Symbol.dispose]();
  });

  test("the list is as it was when it has ended", () => {
    for (const lines of [undefined, ["c 1:3 r", "c 1:7 rwm"]]) {
      if (lines) cgroup.allow(...lines);
      const before = list();
      const rights = open();
      for (const number of [NULL, ZERO, FULL]) rights.grant(number, "rw");
      for (const number of [NULL, FULL]) rights.revoke(number);
      rights.close();
      expect(list()).toBe(before);
    }
  });

  test("where nobody has said what may be opened, everything may until it is known what is granted", () => {
    const rights = open();
    rights.grant(ZERO, "rw");
    expect(list().split("\n").toSorted()).toEqual(["", "b *:* rwm", "c *:* rwm", "c 1:5 rw"]);
    rights.forgetOthers();
    expect(list()).toBe("c 1:5 rw\n");
    rights.close();
    expect(list()).toBe("a *:* rwm\n");
  });

  test("of a container that has a cgroup of its own in v1 alone it is said there", async () => {
    const child = spawn("unshare", ["-m", "sleep", "60"], { stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    await expect.poll(() => readlinkSync(`/proc/${pid}/ns/mnt`)).not.toBe(readlinkSync("/proc/self/ns/mnt"));
    cgroup.take(pid);
    const rights = openProcessRights(
      { addon, locks: new Locks(addon, [join(temporary.path, ".locks")]) },
      pid,
      () => false,
    );
    rights.forgetOthers();
    expect([rights.path, list()]).toEqual([cgroup.path, ""]);
    rights.close();
    child.kill("SIGKILL");
    await once(child, "exit");
  });

  test("one line says all that is granted of a number, by those that stand for it too", () => {
    cgroup.allow();
    const rights = open();
    rights.grant(ZERO, "w");
    rights.grant({ type: "char", major: 1, minor: "any" }, "r");
    expect(list()).toBe("c 1:5 rw\nc 1:* r\n");
    rights.revoke({ type: "char", major: 1, minor: "any" });
    expect(list()).toBe("c 1:5 w\n");
    rights.close();
    expect(list()).toBe("");
  });

  test("where somebody lets everything be opened, that is held too", () => {
    cgroup.allow("c 1:3 r");
    const rights = open();
    rights.grant(ZERO, "rw");
    cgroup.allow("a");
    expect([rights.hold(), rights.hold(), rights.adds, list()]).toEqual([true, false, false, "c 1:5 rw\n"]);
    rights.close();
    expect(list()).toBe("a *:* rwm\n");
  });

  test("what the cgroup above may not open cannot be granted, and it is said", () => {
    cgroup.allow("c 1:3 rwm");
    const below = join(cgroup.path, "below");
    mkdirSync(below);
    const rights = open(below);
    try {
      expect(() => rights.grant(ZERO, "rw")).toThrow(/the one above it may not open it/);
      expect(rights.hold()).toBe(false); // it was never granted
    } finally {
      rights.close();
      rmdirSync(below);
    }
  });

  test("where the container has made cgroups below, everything may be opened again when it has ended, and the next relay knows", async () => {
    const rights = open();
    rights.grant(ZERO, "rw");
    rights.forgetOthers();
    below("kubepods");
    rights.close();
    expect(cgroup.mayOpen("c 1:3 rw") && cgroup.mayOpen("c 1:7 rw") && cgroup.mayOpen("c 1:8 m")).toBe(true);
    const next = open();
    next.grant(FULL, "rw");
    next.forgetOthers();
    expect([next.adds, list()]).toEqual([false, "c 1:7 rw\n"]);
    rmdirSync(below("kubepods"));
    await expect.poll(isAlone).toBe(true);
    next.close();
    expect(list()).toBe("a *:* rwm\n");
  });

  test("where it had made some before nothing is changed, and one of them is named", () => {
    below("kubepods");
    expect(open).toThrow(
      expect.objectContaining({
        code: "PATH_UNUSABLE",
        message: expect.stringContaining("it has kubepods below it") as unknown,
        remedy: expect.stringContaining("before the container makes cgroups") as unknown,
      }),
    );
    expect(list()).toBe("a *:* rwm\n");
  });

  test("what cannot be as it was stays noted for the next relay, which makes it so", async () => {
    const rights = open();
    writeFileSync(join(dirname(cgroup.path), "devices.deny"), "c 1:7 rwm"); // so that no line may say all
    below("kubepods");
    expect(() => rights.close()).toThrow("the one above it may not open it");
    const [lock = ""] = readdirSync(join(temporary.path, ".locks"));
    expect(readFileSync(join(temporary.path, ".locks", lock), "latin1")).toContain("devices a *:* rwm");
    rmdirSync(below("kubepods"));
    await expect.poll(isAlone).toBe(true);
    open().close();
    expect([list(), readdirSync(join(temporary.path, ".locks"))]).toEqual(["a *:* rwm\n", []]);
  });

  test("what is granted is granted to programs in the cgroup, and not to those in one below it", () => {
    cgroup.allow("c 1:3 rwm");
    const path = below("kubepods");
    const rights = open();
    rights.grant(ZERO, "rw");
    expect([tryToOpen([cgroup.path], "c 1:5 rw"), tryToOpen([path], "c 1:5 rw")]).toEqual([true, false]);
    writeFileSync(join(path, "devices.allow"), "c 1:5 rw");
    expect(tryToOpen([path], "c 1:5 rw")).toBe(true);
    rights.revoke(ZERO);
    expect(tryToOpen([path], "c 1:5 rw")).toBe(false);
    rights.close();
  });
});
