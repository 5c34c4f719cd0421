import { expect, onTestFinished, test } from "vitest";
import { allOf } from "./device-rights.js";
import { codeOf, open as openTarget, start } from "./targets.js";
import { need } from "./tools.js";
import type { World } from "./world.js";

const NULL = { type: "char", major: 1, minor: 3 } as const;
const ZERO = { type: "char", major: 1, minor: 5 } as const;

/** The promises of `Target.openDeviceRights`. */
export function targetRightsCases(world: () => World): void {
  test("a container's are those of its cgroup", async (context) => {
    const box = await start(context, world(), "own");
    const cgroup = await need(context, box.cgroup).make();
    const rights = openTarget(world().kernel, { pid: box.pid }).openDeviceRights();
    onTestFinished(() => rights.close());
    rights.grant(ZERO, "rw");
    rights.forgetOthers();
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 rw")).toEqual([false, true]);
    expect(codeOf(() => world().kernel.openDeviceRights(cgroup.path))).toBe("PATH_UNUSABLE");
    rights.close();
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 rw")).toEqual([true, true]);
    const again = openTarget(world().kernel, { pid: box.pid }).openDeviceRights(); // what was given back can be had again
    onTestFinished(() => again.close());
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 rw")).toEqual([true, true]);
    again.forgetOthers();
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 rw")).toEqual([false, false]);
  });

  test("where a process of the host is in its cgroup too, it is let be", (context) => {
    need(context, world().containers);
    const target = openTarget(world().kernel, { pid: process.pid });
    expect(codeOf(() => target.openDeviceRights())).toBe("TARGET_SHARES_HOST");
  });

  test("of a network namespace without a process it is not known", async (context) => {
    const box = await start(context, world(), "own");
    expect(codeOf(() => openTarget(world().kernel, { netns: box.path }).openDeviceRights())).toBe("TARGET_GONE");
  });

  test("of a process that has ended it is not known", async (context) => {
    const box = await start(context, world(), "own");
    const target = openTarget(world().kernel, { pid: box.pid });
    await box.end();
    expect(codeOf(() => target.openDeviceRights())).toBe("TARGET_GONE");
  });

  test("who keeps its programs from opening a device is known without changing anything, and with a relay that says so", async (context) => {
    const box = await start(context, world(), "own");
    const cgroup = await need(context, box.cgroup).make();
    const target = openTarget(world().kernel, { pid: box.pid });
    expect(target.refusedBy(ZERO, "rw")).toBeUndefined();
    await cgroup.allow("c 1:3 rw");
    expect([target.refusedBy(NULL, "rw"), target.refusedBy(NULL, "rwm") === undefined]).toEqual([undefined, false]);
    expect(target.refusedBy(ZERO, "rw")).toContain(cgroup.path);
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 rw")).toEqual([true, false]);
    const rights = openTarget(world().kernel, { pid: box.pid }).openDeviceRights();
    onTestFinished(() => rights.close());
    rights.grant(ZERO, "rw");
    expect(target.refusedBy(ZERO, "rw")).toBeUndefined();
  });

  test("what a killed relay said of them is undone, and what one says that is at work is not", async (context) => {
    const box = await start(context, world(), "own");
    const cgroup = await need(context, box.cgroup).make();
    const target = openTarget(world().kernel, { pid: box.pid });
    const undone = async (): Promise<readonly boolean[]> => {
      await target.undo({ dev: undefined, sys: undefined, rights: true }, { uid: 0, gid: 0 });
      return allOf(cgroup, "c 1:3 r", "c 1:5 r");
    };
    expect(await undone()).toEqual([true, true]); // nobody has been there
    await cgroup.leave([ZERO, "rw"]);
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 r")).toEqual([false, true]);
    expect(await undone()).toEqual([true, true]);
    const rights = openTarget(world().kernel, { pid: box.pid }).openDeviceRights();
    onTestFinished(() => rights.close());
    rights.grant(ZERO, "rw");
    rights.forgetOthers();
    expect(await undone()).toEqual([false, true]);
  });

  test("of a network namespace without a process, and of one that has ended, it is not known who does", async (context) => {
    const box = await start(context, world(), "own");
    const target = openTarget(world().kernel, { pid: box.pid });
    expect(codeOf(() => openTarget(world().kernel, { netns: box.path }).refusedBy(ZERO, "rw"))).toBe("TARGET_GONE");
    await box.end();
    expect(codeOf(() => target.refusedBy(ZERO, "rw"))).toBe("TARGET_GONE");
  });
}
