import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { devpathOf, plugLoop } from "../../../test/real/loops.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { Stack } from "../../../test/real/stack.js";
import type { Addon } from "../src/addon.js";
import { loadAddon } from "../src/addon.js";
import { Hand } from "../src/dev/hand.js";
import { Locks } from "../src/directory-lock.js";
import { ERRNO } from "../src/errno.js";
import { MountTables } from "../src/mount-tables.js";
import { openSysDirectory } from "../src/sys/sys-directory.js";
import { removeLoop } from "../src/testing/index.js";

const OTHER = "/devices/virtual/mem/null";

test(
  "a device for which there is no room in a /sys is there once there is, and what was there is not disturbed",
  needs("root", "loop devices"),
  async () => {
    await using stack = new Stack();
    const { path } = stack.use(temporaryDirectory());
    const number = plugLoop();
    stack.use({ [Symbol.dispose]: () => removeLoop(number) });
    const device = devpathOf(number);
    let [isFull, refused] = [false, 0];
    const real = loadAddon();
    const addon: Addon = {
      ...real,
      cloneTree: (...given) => (isFull ? (refused++, -ERRNO.ENOSPC) : real.cloneTree(...given)),
    };
    const tools = {
      hand: new Hand(addon),
      locks: new Locks(addon, [join(path, ".locks")]),
      mounts: new MountTables(addon),
    };
    const directory = openSysDirectory({ ...tools, addon, sysfs: "/sys" }, join(path, "sys"), { uid: 0, gid: 0 });
    stack.use({ [Symbol.dispose]: () => directory.close() });
    const isThere = (devpath: string) => existsSync(join(directory.path, devpath, "uevent"));
    const mountOf = (devpath: string) =>
      readFileSync("/proc/self/mountinfo", "latin1")
        .split("\n")
        .find((line) => line.includes(` ${join(directory.path, devpath)} `));

    directory.show(OTHER);
    const before = mountOf(OTHER);
    isFull = true;
    expect(() => directory.show(device)).toThrow("ENOSPC");
    expect([isThere(OTHER), isThere(device)]).toEqual([true, false]);
    const once = refused;
    await expect.poll(() => refused, { timeout: 10_000 }).toBeGreaterThan(once); // it was tried again, in vain
    isFull = false;
    await expect.poll(() => isThere(device), { timeout: 10_000 }).toBe(true);
    expect(existsSync(join(directory.path, "block", `loop${number}`))).toBe(true);
    expect([typeof before, mountOf(OTHER)]).toEqual(["string", before]);
  },
);
