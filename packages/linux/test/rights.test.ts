import { closeSync, constants, openSync } from "node:fs";
import { dirname } from "node:path";

import { describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { loadAddon } from "../src/addon.js";
import type { Addon } from "../src/addon.js";
import { ERRNO } from "../src/errno.js";
import { attach, detach, openPrograms, programIds } from "../src/rights/cgroup-program.js";
import { ACCESS_SIZE, KEY_SIZE } from "../src/rights/number.js";
import { attachRuntimeProgram } from "./world/runtime-program.js";
import { HOME, withRights } from "./world/with-rights.js";

const addon = loadAddon();
const ZERO = { type: "char", major: 1, minor: 5 } as const;
const FULL = { type: "char", major: 1, minor: 7 } as const;

describe.runIf(HOME !== undefined)("in cgroup v2", needs("root"), () => {
  const { cgroup, open, mayRead } = withRights();

  function onCgroup<T>(work: (fd: number) => T): T {
    const fd = openSync(cgroup().path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      return work(fd);
    } finally {
      closeSync(fd);
    }
  }

  /** How many programs are attached to the cgroup. */
  const attached = (): number => onCgroup((fd) => (addon.queryDevicePrograms(fd) as readonly number[]).length - 1);

  test("no program is left of it", () => {
    const rights = open();
    expect(attached()).toBe(1);
    rights.close();
    expect(attached()).toBe(0);
  });

  test("it is in the place of a runtime's program, and that is there again when it has ended", () => {
    cgroup().allow("c 1:3 r");
    const rights = open();
    expect([attached(), ...mayRead()]).toEqual([1, true, false, false]);
    cgroup().allow("c 1:5 r");
    expect([rights.hold(), attached(), ...mayRead()]).toEqual([true, 1, false, true, false]);
    rights.close();
    expect([attached(), ...mayRead()]).toEqual([1, false, true, false]);
  });

  test("who stands in the way is named: as it is called, and where it is", () => {
    cgroup().restrict("c 1:3 rw", "c 1:* m");
    const rights = open();
    rights.grant(ZERO, "rwm");
    rights.forgetOthers();
    const above = dirname(cgroup().path);
    expect(mayRead()).toEqual([false, false, false]);
    expect(rights.refusedBy(ZERO, "rw")).toMatch(/^the device program \d+ \(above\) of the cgroup /);
    expect(rights.refusedBy(ZERO, "rw")?.endsWith(above)).toBe(true);
    expect(rights.refusedBy(ZERO, "m")).toBeUndefined();
    rights.close();
  });

  test("more than the map takes is granted too, and nothing is refused meanwhile", () => {
    cgroup().allow("c 1:3 r");
    const rights = open();
    rights.grant(ZERO, "rw");
    for (let minor = 0; minor < 300; minor++) rights.grant({ type: "block", major: 7, minor }, "rw");
    rights.grant(FULL, "rw");
    expect([attached(), ...mayRead()]).toEqual([1, true, true, true]);
    expect(cgroup().mayOpen("c 1:8 r")).toBe(false);
    rights.revoke(ZERO);
    expect(mayRead()).toEqual([true, false, true]);
    rights.close();
  });

  test("where the kernel remembers no more numbers that is said, with what can be done, and those that are there hold", () => {
    const rights = open();
    rights.forgetOthers();
    const numbers = Array.from({ length: 65_536 }, (_, minor) => ({ type: "char", major: 1, minor }) as const);
    for (const number of numbers) rights.grant(number, "r");
    expect(() => rights.grant({ type: "block", major: 7, minor: 0 }, "r")).toThrow(
      expect.objectContaining({ code: "MAP_FULL", remedy: expect.stringContaining("narrow the rules") as unknown }),
    );
    expect(mayRead()).toEqual([true, true, true]);
    rights.revoke(ZERO);
    rights.grant({ type: "block", major: 7, minor: 0 }, "r");
    expect(mayRead()).toEqual([true, false, true]);
    rights.close();
  }, 60_000);

  test("somebody else who attaches a program too is taken over, with its rules", () => {
    cgroup().allow("c 1:3 r", "c 1:7 r");
    const rights = open();
    rights.grant(ZERO, "rw");
    closeSync(onCgroup((fd) => attachRuntimeProgram(addon, fd, "another", ["c 1:3 r"])));
    expect(mayRead()).toEqual([true, false, false]); // both are asked
    expect([rights.hold(), rights.hold()]).toEqual([true, false]);
    expect([attached(), ...mayRead()]).toEqual([2, true, true, false]);
    rights.close();
    expect([attached(), ...mayRead()]).toEqual([2, true, false, false]);
  });

  /** A runtime that gives its programs no name, as runc does. */
  const attachNameless = (...lines: readonly string[]): void =>
    closeSync(onCgroup((fd) => attachRuntimeProgram(addon, fd, "", lines)));

  /** Until the second time that something is attached: the system refuses that. */
  function refusingTheSecond(): Addon {
    let times = 0;
    const attachDeviceProgram: Addon["attachDeviceProgram"] = (...args) =>
      ++times === 2 ? -ERRNO.ENOMEM : addon.attachDeviceProgram(...args);
    return { ...addon, attachDeviceProgram };
  }

  test("of two programs without a name both hold, whatever was between the two exchanges when a relay was killed", () => {
    attachNameless("c 1:3 r", "c 1:5 r");
    attachNameless("c 1:3 r", "c 1:7 r");
    onCgroup((fd) => {
      const [first] = openPrograms({ addon, fd, path: cgroup().path });
      const map = addon.createBpfMap("uevent_bridge", KEY_SIZE, ACCESS_SIZE, 64);
      closeSync(attach({ addon, fd, path: cgroup().path }, map, first).fd);
      closeSync(map);
    });
    const rights = open();
    expect([attached(), ...mayRead()]).toEqual([2, true, false, false]);
    rights.grant(ZERO, "rw");
    expect(mayRead()).toEqual([true, true, false]);
    rights.close();
    expect([attached(), ...mayRead()]).toEqual([2, true, false, false]);
  });

  test("where the second of two cannot be exchanged the first is there again, the very same", () => {
    attachNameless("c 1:3 r", "c 1:5 r");
    attachNameless("c 1:3 r", "c 1:7 r");
    const ids = (): readonly number[] => onCgroup((fd) => programIds({ addon, fd, path: cgroup().path }));
    const before = ids();
    expect(() => open(refusingTheSecond())).toThrow("ENOMEM");
    expect(new Set(ids())).toEqual(new Set(before));
    expect(mayRead()).toEqual([true, false, false]);
    open().close();
    expect([attached(), ...mayRead()]).toEqual([2, true, false, false]);
  });

  test("a program without a name that comes beside ours has it say no more than it does, and the same twice is there once", () => {
    attachNameless("c 1:3 r", "c 1:7 r");
    const rights = open();
    attachNameless("c 1:3 r", "c 1:7 r"); // as systemd says all anew when it reads its units
    expect([rights.hold(), attached(), ...mayRead()]).toEqual([true, 1, true, false, true]);
    attachNameless("c 1:3 r", "c 1:5 r");
    expect([rights.hold(), attached(), ...mayRead()]).toEqual([true, 2, true, false, false]);
    rights.grant(ZERO, "rw");
    expect(mayRead()).toEqual([true, true, false]);
    rights.close();
    expect([attached(), ...mayRead()]).toEqual([2, true, false, false]);
  });

  test("a program without a name that was held until a new one came is no more in force, and one that nobody held is", () => {
    attachNameless("c 1:3 r", "c 1:5 r", "c 1:7 r"); // by one that has ended, as runc has
    const held = onCgroup((fd) => attachRuntimeProgram(addon, fd, "", ["c 1:3 r"]));
    const rights = open();
    for (let minor = 0; minor < 100; minor++) rights.grant({ type: "block", major: 7, minor }, "rw"); // another map
    expect([rights.hold(), ...mayRead()]).toEqual([false, true, false, false]);
    closeSync(held);
    attachNameless("c 1:5 r", "c 1:8 r");
    expect([rights.hold(), attached(), ...mayRead()]).toEqual([true, 2, false, true, false]);
    expect(cgroup().mayOpen("c 1:8 r")).toBe(false);
    rights.close();
    expect([attached(), ...mayRead()]).toEqual([2, false, true, false]);
  });

  test("a program without a name that was let go a while before another came is not that one made anew", () => {
    const held = onCgroup((fd) => attachRuntimeProgram(addon, fd, "", ["c 1:3 r"]));
    const rights = open();
    closeSync(held); // as runc's is that had a hook attach the container
    expect(rights.hold()).toBe(false);
    attachNameless("c 1:3 r", "c 1:5 r");
    expect([rights.hold(), attached(), ...mayRead()]).toEqual([true, 2, true, false, false]);
    rights.close();
  });

  test("a runtime that exchanges ours for one of its own without a name has the last word", () => {
    attachNameless("c 1:3 r");
    const rights = open();
    rights.grant(FULL, "rw");
    onCgroup((fd) => {
      const [ours] = openPrograms({ addon, fd, path: cgroup().path });
      attachNameless("c 1:5 r"); // as runc does: the new one, and then the old one goes
      detach({ addon, fd, path: cgroup().path }, ours!);
      closeSync(ours!.fd);
    });
    expect([rights.hold(), attached(), ...mayRead()]).toEqual([true, 1, false, true, true]);
    rights.close();
    expect([attached(), ...mayRead()]).toEqual([1, false, true, false]);
  });
});
