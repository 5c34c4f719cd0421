import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import type { Target } from "../../target.js";
import { codeOfAsync, open, start } from "./targets.js";
import { need } from "./tools.js";
import type { TestCgroup, TestContainer, TestUses, World } from "./world.js";

/** No driver has it. */
const NOBODYS = { type: "char", major: 511, minor: 1_048_575 } as const;

/** The promises of `Target.holders`, `endHolders`, `freeze` and `thaw`. */
export function holderCases(world: () => World): void {
  test("programs that have a device open or mapped are named, and others are not", async (context) => {
    const { target, uses } = await begin(context, world());
    const [opened, mapped] = [await uses.open(), await uses.map()];
    const { holders, more } = await target.holders([NOBODYS, opened.device, mapped.device]);
    expect(more).toBe(false);
    expect(holders).toContainEqual(expect.objectContaining({ pid: opened.pid, device: opened.device, how: "open" }));
    expect(holders).toContainEqual(expect.objectContaining({ pid: mapped.pid, device: mapped.device, how: "mapped" }));
    expect(holders.filter(({ comm }) => comm === "")).toEqual([]);
    expect(await target.holders([NOBODYS])).toEqual({ holders: [], more: false });
    expect(await target.holders([])).toEqual({ holders: [], more: false });
    const sameNumber = { ...opened.device, type: "block" } as const;
    expect((await target.holders([sameNumber])).holders).toEqual([]);
  });

  test("those that have it are ended, and no other", async (context) => {
    const { target, uses, box } = await begin(context, world());
    const [one, other] = [await uses.open(), await uses.open()];
    expect(await target.endHolders([NOBODYS])).toEqual([]);
    expect([await one.hasEnded(), await other.hasEnded()]).toEqual([false, false]);
    const ended = await target.endHolders([one.device]);
    expect(new Set(ended.map(({ pid }) => pid))).toEqual(new Set([one.pid, other.pid]));
    expect([await one.hasEnded(), await other.hasEnded()]).toEqual([true, true]);
    expect(await target.holders([one.device])).toEqual({ holders: [], more: false });
    expect(open(world().kernel, { pid: box.pid }).pid).toBe(box.pid); // it lives on
  });

  test("of a container of which nothing is its own, its process is looked at alone", async (context) => {
    const box = await start(context, world(), "own");
    const { device } = await need(context, box.uses).map();
    expect((await open(world().kernel, { pid: box.pid }).holders([device])).holders).toMatchObject([{ pid: box.pid }]);
    const unknown = await open(world().kernel, { netns: box.path }).holders([device]);
    expect(unknown).toEqual({ holders: [], more: true });
    expect(await open(world().kernel, { netns: box.path }).endHolders([device])).toEqual([]);
  });

  test("of a container that has ended nobody is named or ended", async (context) => {
    const { target, uses, box } = await begin(context, world());
    const { device } = await uses.map();
    await box.end();
    expect((await target.holders([device])).holders).toEqual([]);
    expect(await target.endHolders([device])).toEqual([]);
    expect(await codeOfAsync(target.freeze())).toBe("TARGET_GONE");
    target.thaw();
  });

  test("its programs stand still until they are thawed, by a later relay too", async (context) => {
    const { target, cgroup, box } = await begin(context, world());
    onTestFinished(() => target.thaw());
    await target.freeze();
    await target.freeze();
    expect(await cgroup.isFrozen()).toBe(true);
    open(world().kernel, { pid: box.pid }).thaw();
    expect(await cgroup.isFrozen()).toBe(false);
    target.thaw();
    await target.freeze();
    target.thaw();
    target.thaw();
    expect(await cgroup.isFrozen()).toBe(false);
  });

  test("what its runtime has frozen stays so", async (context) => {
    const { target, cgroup } = await begin(context, world());
    await cgroup.freeze(true);
    await target.freeze();
    target.thaw();
    expect(await cgroup.isFrozen()).toBe(true);
    await cgroup.freeze(false);
    expect(await cgroup.isFrozen()).toBe(false);
  });

  test("where a program of the host is in its cgroup nobody is frozen", async (context) => {
    need(context, world().containers);
    expect(await codeOfAsync(open(world().kernel, { pid: process.pid }).freeze())).toBe("TARGET_SHARES_HOST");
  });
}

interface Begun {
  readonly box: TestContainer;
  readonly target: Target;
  readonly uses: TestUses;
  readonly cgroup: TestCgroup;
}

/** A container in a cgroup of its own. */
async function begin(context: TestContext, world: World): Promise<Begun> {
  const box = await start(context, world, "own");
  const cgroup = await need(context, box.cgroup).make();
  return { box, cgroup, uses: need(context, box.uses), target: open(world.kernel, { pid: box.pid }) };
}
