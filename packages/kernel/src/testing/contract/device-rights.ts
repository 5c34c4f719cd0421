import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import type { DeviceNumber, DeviceRights } from "../../device-rights.js";
import { codeOf } from "./targets.js";
import { need, range } from "./tools.js";
import type { TestCgroup, World } from "./world.js";

const NULL = { type: "char", major: 1, minor: 3 } as const;
const ZERO = { type: "char", major: 1, minor: 5 } as const;
const FULL = { type: "char", major: 1, minor: 7 } as const;
const RANDOM = { type: "char", major: 1, minor: 8 } as const;
const URANDOM = { type: "char", major: 1, minor: 9 } as const;
const MEMORY: DeviceNumber = { type: "char", major: 1, minor: "any" };
const CHAR: DeviceNumber = { type: "char", major: "any", minor: "any" };

/** The promises of `DeviceRights`. */
export function deviceRightsCases(world: () => World): void {
  test("where nobody has said what may be opened, what is granted may, and nothing else", async (context) => {
    const { cgroup, open } = prepared(context, world());
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 rw")).toEqual([true, true]);
    const rights = open();
    expect([rights.path, rights.adds]).toEqual([cgroup.path, false]);
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 w", "b 7:0 m")).toEqual([true, true, true]); // what runs goes on
    rights.grant(ZERO, "rw");
    rights.forgetOthers();
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 rw", "b 7:0 m")).toEqual([false, true, false]);
    rights.revoke(ZERO);
    expect(await allOf(cgroup, "c 1:5 r", "c 1:5 w")).toEqual([false, false]);
    rights.grant(ZERO, "rw");
    rights.close();
    rights.close();
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 rw")).toEqual([true, true]);
  });

  test.for([
    ["r", [true, false, false, false]],
    ["w", [false, true, false, false]],
    ["rw", [true, true, true, false]],
    ["m", [false, false, false, true]],
    ["rwm", [true, true, true, true]],
  ] as const)("%s is granted, and no more", async ([access, expected], context) => {
    const { cgroup, begin } = prepared(context, world());
    begin().grant(ZERO, access);
    expect(await allOf(cgroup, "c 1:5 r", "c 1:5 w", "c 1:5 rw", "c 1:5 m")).toEqual(expected);
  });

  test("a number is one of its type", async (context) => {
    const { cgroup, begin } = prepared(context, world());
    begin().grant({ ...ZERO, type: "block" }, "rwm");
    expect(await allOf(cgroup, "c 1:5 r", "b 1:5 m", "c 1:5 m")).toEqual([false, true, false]);
  });

  test("what is granted again is granted so and not as before", async (context) => {
    const { cgroup, begin } = prepared(context, world());
    const rights = begin();
    rights.grant(ZERO, "rwm");
    rights.grant(ZERO, "r");
    expect(await allOf(cgroup, "c 1:5 r", "c 1:5 w", "c 1:5 m")).toEqual([true, false, false]);
    rights.grant(ZERO, "w");
    expect(await allOf(cgroup, "c 1:5 r", "c 1:5 w", "c 1:5 m")).toEqual([false, true, false]);
  });

  test("what is granted of all minor or of all numbers is united with what is of one", async (context) => {
    const { cgroup, begin } = prepared(context, world());
    const rights = begin();
    rights.grant(ZERO, "w");
    rights.grant(MEMORY, "r");
    expect(await allOf(cgroup, "c 1:3 r", "c 1:3 rw", "c 1:5 rw", "c 5:0 m")).toEqual([true, false, true, false]);
    rights.grant(CHAR, "m");
    rights.grant(FULL, "w");
    expect(await allOf(cgroup, "c 1:5 m", "c 5:0 m", "c 1:7 rw", "b 1:5 m")).toEqual([true, true, true, false]);
    rights.revoke(MEMORY);
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 rw", "c 1:5 w", "c 1:5 m")).toEqual([false, false, true, true]);
    rights.revoke(ZERO);
    expect(await allOf(cgroup, "c 1:5 w", "c 1:5 m")).toEqual([false, true]);
  });

  test("a runtime's rules stay, what is granted is added, and the rules are restored", async (context) => {
    const { cgroup, open } = prepared(context, world());
    await cgroup.allow("c 1:3 rw", "c *:* m");
    const rights = open();
    expect(rights.adds).toBe(true);
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 m", "c 1:5 r")).toEqual([true, true, false]);
    for (const number of [ZERO, NULL]) rights.grant(number, "rw");
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 rw", "c 1:7 r")).toEqual([true, true, false]);
    for (const number of [ZERO, NULL, FULL]) rights.revoke(number);
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 r")).toEqual([true, false]);
    rights.grant(ZERO, "rw");
    rights.close();
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 r", "c 1:5 m")).toEqual([true, false, true]);
  });

  test("what is granted and what a runtime lets them open are united letter by letter", async (context) => {
    const { cgroup, begin } = prepared(context, world());
    await cgroup.allow("c 1:3 r", "c 1:5 rm", "c 1:7 w");
    const rights = begin();
    rights.grant(NULL, "w");
    rights.grant(ZERO, "w");
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 rw", "c 1:5 m", "c 1:7 rw")).toEqual([true, true, true, false]);
    expect([rights.refusedBy(NULL, "rw"), rights.refusedBy(ZERO, "rw")]).toEqual([undefined, undefined]);
    rights.revoke(NULL);
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:3 r", "c 1:3 w")).toEqual([false, true, false]);
  });

  test("it is held where a runtime says anew what may be opened, with what that says now", async (context) => {
    const { cgroup, begin } = prepared(context, world());
    await cgroup.allow("c 1:3 r");
    const rights = begin();
    rights.grant(ZERO, "rw");
    expect(rights.hold()).toBe(false);
    await cgroup.allow("c 1:7 r");
    expect(await cgroup.mayOpen("c 1:5 r")).toBe(false);
    expect([rights.hold(), rights.hold()]).toEqual([true, false]);
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 rw", "c 1:7 r")).toEqual([false, true, true]);
    rights.grant(FULL, "rw");
    rights.revoke(FULL);
    rights.close();
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 r", "c 1:7 r")).toEqual([false, false, true]);
  });

  test("it is held where a runtime is the first to say it", async (context) => {
    const { cgroup, begin } = prepared(context, world());
    const rights = begin();
    rights.grant(ZERO, "rw");
    await cgroup.allow("c 1:3 r");
    expect([rights.hold(), rights.hold(), rights.adds]).toEqual([true, false, true]);
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 rw", "c 1:7 r")).toEqual([true, true, false]);
    rights.close();
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 r")).toEqual([true, false]);
  });

  test("a cgroup belongs to one at a time", (context) => {
    const { cgroup, open } = prepared(context, world());
    const rights = open();
    expect(codeOf(() => world().kernel.openDeviceRights(cgroup.path))).toBe("PATH_UNUSABLE");
    rights.close();
    open();
  });

  test("what a killed relay granted holds until it is known what the next one grants", async (context) => {
    const { cgroup, open } = prepared(context, world());
    await cgroup.allow("c 1:3 r");
    await cgroup.leave([ZERO, "rwm"], [FULL, "rw"], [RANDOM, "r"], [URANDOM, "r"]);
    const rights = open();
    expect(rights.adds).toBe(true);
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 rw", "c 1:7 rw")).toEqual([true, true, true]);
    rights.grant(ZERO, "r");
    rights.revoke(RANDOM);
    expect(await allOf(cgroup, "c 1:5 r", "c 1:5 w", "c 1:7 r", "c 1:8 r")).toEqual([true, false, true, false]);
    rights.forgetOthers();
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 r", "c 1:5 m", "c 1:7 r")).toEqual([true, true, false, false]);
    rights.close();
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 r", "c 1:9 r")).toEqual([true, false, false]);
  });

  test("where a killed relay let nothing be opened any more, everything may be when the next one has ended", async (context) => {
    const { cgroup, open } = prepared(context, world());
    await cgroup.leave([ZERO, "rw"]);
    expect(await allOf(cgroup, "c 1:3 r", "c 1:5 rw")).toEqual([false, true]);
    const rights = open();
    expect([rights.adds, ...(await allOf(cgroup, "c 1:3 r", "c 1:5 rw"))]).toEqual([false, false, true]);
    rights.close();
    expect(await allOf(cgroup, "c 1:3 rw", "c 1:5 rw")).toEqual([true, true]);
  });

  test("many can be granted, and none is refused meanwhile", async (context) => {
    const { cgroup, begin } = prepared(context, world());
    const rights = begin();
    rights.grant(ZERO, "rw");
    for (const minor of range(0, 300)) rights.grant({ type: "block", major: 7, minor }, "rwm");
    expect(await allOf(cgroup, "c 1:5 rw", "b 7:299 m", "b 7:300 m")).toEqual([true, true, false]);
    rights.revoke(ZERO);
    expect(await cgroup.mayOpen("c 1:5 rw")).toBe(false);
  });

  test("of a cgroup that is gone nothing is said any more", async (context) => {
    const { cgroup, open } = prepared(context, world());
    const rights = open();
    rights.grant(ZERO, "rw");
    await cgroup.remove();
    rights.grant(NULL, "rw");
    rights.revoke(ZERO);
    rights.forgetOthers();
    expect([rights.hold(), rights.refusedBy(NULL, "rw")]).toEqual([false, undefined]);
    rights.close();
    expect(codeOf(open)).toBe("PATH_UNUSABLE");
  });

  test.for(["/nowhere/at/all", "/", "/dev/null", ""])("%j is no cgroup", (path) => {
    expect(codeOf(() => world().kernel.openDeviceRights(path))).toBe("PATH_UNUSABLE");
  });

  test("the caller's own is let be", (context) => {
    const { cgroup } = prepared(context, world());
    expect(codeOf(() => world().kernel.openDeviceRights(cgroup.shared))).toBe("TARGET_SHARES_HOST");
  });
}

interface Prepared {
  readonly cgroup: TestCgroup;
  readonly open: () => DeviceRights;
  /** The same, and what was before is forgotten. */
  readonly begin: () => DeviceRights;
}

/** A cgroup, and who says what its programs may open. */
export function prepared(context: TestContext, { kernel, cgroup: ability }: World): Prepared {
  const cgroup = need(context, ability);
  const open = () => {
    const rights = kernel.openDeviceRights(cgroup.path);
    onTestFinished(() => rights.close());
    return rights;
  };
  const begin = () => {
    const rights = open();
    rights.forgetOthers();
    return rights;
  };
  return { cgroup, open, begin };
}

/** Which of these the programs of a cgroup may open. */
export async function allOf(cgroup: TestCgroup, ...lines: readonly string[]): Promise<boolean[]> {
  const answers: boolean[] = [];
  for (const line of lines) answers.push(await cgroup.mayOpen(line));
  return answers;
}
