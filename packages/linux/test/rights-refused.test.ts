import { join } from "node:path";

import type { DeviceRights } from "@uevent-bridge/kernel";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import type { Addon } from "../src/addon.js";
import { Locks } from "../src/directory-lock.js";
import { ERRNO } from "../src/errno.js";
import { cgroupsOf } from "../src/rights/cgroups.js";
import { openCgroupRights } from "../src/rights/open-rights.js";
import { Cgroup } from "./world/cgroups.js";

const addon = loadAddon();
const ZERO = { type: "char", major: 1, minor: 5 } as const;
const FULL = { type: "char", major: 1, minor: 7 } as const;
const HOME = cgroupsOf(process.pid).unified;

describe.runIf(HOME !== undefined)("in cgroup v2", needs("root"), () => {
  let temporary: ReturnType<typeof temporaryDirectory>;
  let cgroup: Cgroup;

  const open = (by: Addon): DeviceRights =>
    openCgroupRights({ addon: by, locks: new Locks(addon, [join(temporary.path, ".locks")]) }, cgroup.path);
  const mayRead = (): readonly boolean[] => ["c 1:3 r", "c 1:5 r", "c 1:7 r"].map((line) => cgroup.mayOpen(line));

  beforeEach(() => {
    temporary = temporaryDirectory();
    cgroup = new Cgroup([HOME ?? ""]);
  });
  afterEach(() => {
    cgroup.remove();
    temporary[Symbol.dispose]();
  });

  test("what the system refuses to grant or take away is said, and done at the next look", () => {
    let isRefused = false;
    const rights = open({
      ...addon,
      putBpf: (...given) => (isRefused ? -ERRNO.ENOMEM : addon.putBpf(...given)),
      removeBpf: (...given) => (isRefused ? -ERRNO.EPERM : addon.removeBpf(...given)),
    });
    rights.grant(ZERO, "r");
    rights.forgetOthers();
    isRefused = true;
    expect(() => rights.revoke(ZERO)).toThrow("permission is denied");
    expect(() => rights.grant(FULL, "r")).toThrow("ENOMEM");
    expect(() => rights.hold()).toThrow();
    expect(mayRead()).toEqual([false, true, false]);
    isRefused = false;
    rights.hold();
    expect(mayRead()).toEqual([false, false, true]);
    rights.close();
  });

  test("more grants than a map takes that were refused are made when they can be", () => {
    let isRefused = false;
    const rights = open({
      ...addon,
      createBpfMap: (...given) => (isRefused ? -ERRNO.ENOMEM : addon.createBpfMap(...given)),
    });
    rights.forgetOthers();
    isRefused = true;
    let failed = 0;
    for (let minor = 0; minor < 200; minor++)
      try {
        rights.grant({ type: "char", major: 240, minor }, "r");
      } catch {
        failed++;
      }
    expect(failed).toBeGreaterThan(64);
    expect(() => rights.grant(FULL, "r")).toThrow("ENOMEM");
    isRefused = false;
    rights.hold();
    expect(rights.refusedBy({ type: "char", major: 240, minor: 199 }, "r")).toBeUndefined();
    expect(mayRead()).toEqual([false, false, true]);
    rights.close();
  });
});
