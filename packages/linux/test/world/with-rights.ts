import { join } from "node:path";

import type { DeviceRights } from "@uevent-bridge/kernel";
import { afterEach, beforeEach } from "vitest";

import { temporaryDirectory } from "../../../../test/real/temporary.js";
import { loadAddon } from "../../src/addon.js";
import type { Addon } from "../../src/addon.js";
import { Locks } from "../../src/directory-lock.js";
import { cgroupsOf } from "../../src/rights/cgroups.js";
import { openCgroupRights } from "../../src/rights/open-rights.js";
import { Cgroup } from "./cgroups.js";

/** Where this process is in cgroup v2. */
export const HOME = cgroupsOf(process.pid).unified;

/** For each test of a group: a cgroup v2 of its own, and what its programs may open. */
export function withRights() {
  const addon = loadAddon();
  const now: { temporary?: ReturnType<typeof temporaryDirectory>; cgroup?: Cgroup } = {};
  beforeEach(() => {
    now.temporary = temporaryDirectory();
    now.cgroup = new Cgroup([HOME ?? ""]);
  });
  afterEach(() => {
    now.cgroup?.remove();
    now.temporary?.[Symbol.dispose]();
  });
  const cgroup = (): Cgroup => {
    if (!now.cgroup) throw new Error("no test runs");
    return now.cgroup;
  };
  return {
    cgroup,
    open: (by: Addon = addon): DeviceRights =>
      openCgroupRights(
        { addon: by, locks: new Locks(addon, [join(now.temporary?.path ?? "", ".locks")]) },
        cgroup().path,
      ),
    /** Null, zero and full. */
    mayRead: (): readonly boolean[] => ["c 1:3 r", "c 1:5 r", "c 1:7 r"].map((line) => cgroup().mayOpen(line)),
  };
}
