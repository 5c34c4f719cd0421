import {
  RuleError,
  compilePolicy,
  explain,
  unitePolicies,
  uniteWords,
  words,
  type Policy,
  type Words,
} from "@uevent-bridge/filter";
import { describe, expect, test } from "vitest";

import { TestDevice } from "./corpus/test-device.js";

const disk = new TestDevice("/devices/virtual/block/loop0", "block", { properties: new Map([["DEVNAME", "loop0"]]) });
const partition = new TestDevice("/devices/virtual/block/loop0/loop0p1", "block", { parent: disk });

describe("explain names the rule that decided and the uppermost device that it picked", () => {
  test.each<[string, Policy, ReturnType<typeof explain>]>([
    ["nothing is allowed", {}, { reason: "no-rule" }],
    ["only another device is allowed", { allow: ["/dev/loop1"] }, { reason: "no-rule" }],
    [
      "an ancestor is allowed",
      { allow: ["/dev/loop1", "/dev/loop0", "/devices"] },
      { reason: "allowed", rule: "devname=loop0", picked: disk.devpath },
    ],
    [
      "the device is allowed and denied",
      { allow: ["/devices"], deny: ["sysname=loop0p1"] },
      { reason: "denied", rule: "sysname=loop0p1", picked: partition.devpath },
    ],
    [
      "an ancestor is denied and the device is allowed",
      { allow: ["sysname=loop0p1"], deny: ["/devices/virtual/block/*"] },
      { reason: "denied", rule: "/devices/virtual/block/*", picked: disk.devpath },
    ],
    [
      "a rule that picks both says the upper one",
      { allow: [{ subsystem: "block" }] },
      { reason: "allowed", rule: "subsystem=block", picked: disk.devpath },
    ],
  ])("%s", (_, policy, verdict) => {
    expect(explain(partition, compilePolicy(policy))).toEqual(verdict);
  });

  test("a preset is named as such", () => {
    const nothing = new TestDevice("/devices/virtual/mem/null", "mem");
    const policy = compilePolicy({ allow: ["preset=base,access=rw"] });
    expect(explain(nothing, policy)).toEqual({
      reason: "allowed",
      rule: "preset=base,access=rw",
      picked: nothing.devpath,
    });
  });
});

describe("words of all allow rules that cover a device", () => {
  test.each<[string, readonly Words[], Words]>([
    ["no rule says one", [{}, {}], {}],
    ["access is united", [{ access: "r" }, {}, { access: "w" }], { access: "rw" }],
    ["access includes mknod if one says so", [{ access: "r" }, { access: "rwm" }], { access: "rwm" }],
    ["exclusive and required hold if one says so", [{}, { exclusive: true, required: false }], { exclusive: true }],
    ["required holds with a rule that does not say it", [{ required: true }, { required: false }], { required: true }],
    ["writable attributes are united", [{ sysfs: ["a", "b"] }, { sysfs: ["b", "c"] }], { sysfs: ["a", "b", "c"] }],
    [
      "what only one says, holds",
      [{ as: "x" }, { mode: 0 }, { owner: { uid: 0, gid: 1 } }],
      { as: "x", mode: 0, owner: { uid: 0, gid: 1 } },
    ],
    [
      "what all say alike, holds",
      [{ owner: { uid: 0, gid: 1 } }, { owner: { gid: 1, uid: 0 } }],
      { owner: { uid: 0, gid: 1 } },
    ],
  ])("%s", (_, said, united) => {
    const speakers = said.map((each, i) => ({ text: `rule ${i}`, words: each }));
    expect(uniteWords(speakers, "loop0")).toEqual(united);
  });

  test.each<[string, Words, Words]>([
    ["as", { as: "x" }, { as: "y" }],
    ["mode", { mode: 0 }, { mode: 0o660 }],
    ["owner", { owner: { uid: 0, gid: 0 } }, { owner: { uid: 0, gid: 1 } }],
  ])("differing %s is a conflict that names both rules and the device", (word, one, other) => {
    const speakers = [
      { text: "rule 1", words: one },
      { text: "rule 2", words: other },
    ];
    const error = errorOf(() => uniteWords(speakers, "loop0"));
    expect(error.code).toBe("POLICY_CONFLICT");
    for (const part of [`${word}=`, "rule 1", "rule 2", "loop0"]) expect(error.message).toContain(part);
  });

  test("come from rules that pick an ancestor too, and from no other", () => {
    const policy = compilePolicy({ allow: ["/dev/loop0,access=r", "sysname=loop0p1,required", "/dev/loop1,as=x"] });
    expect(words(partition, policy)).toEqual({ access: "r", required: true });
    expect(words(disk, policy)).toEqual({ access: "r" });
  });
});

describe("a policy is checked as a whole", () => {
  test.each<[string, Policy, number | undefined, string]>([
    ["words on a deny rule", { deny: ["/dev/loop0,access=r"] }, "/dev/loop0,".length, "Take access out"],
    ["words alone on a deny rule", { deny: ["access=r"] }, 0, "Take access out"],
    ["words on a deny rule that is an object", { deny: [{ devname: "loop0", mode: 0 }] }, undefined, "Take mode out"],
    [
      "two rules that pick alike and differ",
      { allow: ["/dev/a,mode=1", { devname: "a", mode: 2 }] },
      undefined,
      "mode=",
    ],
    [
      "a preset and one of its rules that differ",
      { allow: ["preset=base,mode=1", "preset=base,mode=2"] },
      undefined,
      "mode=",
    ],
  ])("%s", (_, policy, offset, part) => {
    const error = errorOf(() => compilePolicy(policy));
    expect({ code: error.code, offset: error.at?.offset }).toEqual({ code: "POLICY_CONFLICT", offset });
    expect(error.message).toContain(part);
  });

  test("so are two that are united, in which what both say is said once", () => {
    const [one, other] = [compilePolicy({ allow: ["/dev/a,mode=1"] }), compilePolicy({ allow: ["/dev/a,mode=2"] })];
    expect(errorOf(() => unitePolicies(one, other)).code).toBe("POLICY_CONFLICT");
    const more = compilePolicy({ allow: ["/dev/a,mode=1", "/dev/b"], deny: ["/dev/c"] });
    const { allow, deny } = unitePolicies(one, more);
    expect([...allow, ...deny].map(({ text }) => text)).toEqual(["devname=a,mode=0001", "devname=b", "devname=c"]);
  });

  test("the first rule that is wrong says where", () => {
    expect(errorOf(() => compilePolicy({ allow: ["/dev/a", "colour=red"] }))).toMatchObject({
      code: "RULE_UNKNOWN_TERM",
      rule: "colour=red",
      at: { offset: 0, length: "colour".length },
    });
  });

  test("words of a preset go onto each of its rules, which are ready for a router", () => {
    const { allow, deny } = compilePolicy({ allow: ["preset=base,required"], deny: ["tag=x"] });
    expect(allow.map(({ effect, text, rule }) => ({ effect, text, rule }))).toEqual(
      [
        { subsystem: "mem", sysname: "null|zero|full|random|urandom", required: true },
        { subsystem: "tty", sysname: "tty|ptmx|console", required: true },
      ].map((rule) => ({ effect: "allow", text: "preset=base,required", rule })),
    );
    expect(deny.map(({ effect, needsUdev, selector }) => ({ effect, needsUdev, selector }))).toEqual([
      { effect: "deny", needsUdev: true, selector: "tag=x" },
    ]);
  });
});

function errorOf(act: () => unknown): RuleError {
  try {
    act();
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

test("what a preset with words stands for is no longer than a rule may be", () => {
  const words = `sysfs=rw:${"x".repeat(4090 - "preset=storage,sysfs=rw:".length)}`;
  expect(() => compilePolicy({ allow: [`preset=storage,${words}`] })).toThrow(/at most 4096 characters/);
  expect(() => compilePolicy({ allow: [`preset=storage,${words.slice(0, 3900)}`] })).not.toThrow();
});
