import { Router, parseRule, type Effect, type Rule } from "@uevent-bridge/filter";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";

import { recordedDevices } from "./corpus/corpus.js";
import { TestDevice } from "./corpus/test-device.js";
import { ruleNear } from "./generate/rules.js";
import { picks } from "./plain/picks.js";

const loop0 = new TestDevice("/devices/virtual/block/loop0", "block", { properties: new Map([["DEVNAME", "loop0"]]) });

describe("equal rules of several subscribers", () => {
  test("are one selector, whatever their words", () => {
    const router = new Router<string>();
    const first = router.add("allow", parseRule("subsystem=block,/devices/virtual"), "box");
    const second = router.add("deny", parseRule("/devices/virtual , subsystem=block , access=r"), "cell");
    expect(second).toBe(first);
    expect(router.picks(loop0)).toEqual([first]);
  });

  test("keep what each subscriber said", () => {
    const router = new Router<string>();
    const selector = router.add("allow", parseRule("/dev/loop0,access=r"), "box");
    router.add("allow", parseRule("/dev/loop0,required"), "box");
    router.add("allow", { devname: "loop0" }, "cell", "a name of its own");
    expect(selector.allow).toEqual(
      new Map([
        [
          "box",
          [
            { subscriber: "box", text: "devname=loop0,access=r", words: { access: "r" } },
            { subscriber: "box", text: "devname=loop0,required", words: { required: true } },
          ],
        ],
        ["cell", [{ subscriber: "cell", text: "a name of its own", words: {} }]],
      ]),
    );
  });

  test("lose one that a subscriber takes back, and keep its others", () => {
    const router = new Router<string>();
    const [reading, writing] = [parseRule("/dev/loop0,access=r"), parseRule("/dev/loop0,access=w")] as const;
    const selector = router.add("allow", reading, "box");
    router.add("allow", writing, "box");
    router.remove("allow", reading, "box");
    expect(selector.allow.get("box")?.map(({ text }) => text)).toEqual(["devname=loop0,access=w"]);
    router.remove("allow", writing, "box");
    expect(router.picks(loop0)).toEqual([]);
  });

  test("are picked until the last claim is gone", () => {
    const router = new Router<string>();
    const rule = parseRule("/dev/loop0");
    const selector = router.add("allow", rule, "box");
    router.add("allow", rule, "cell");
    expect(router.remove("allow", rule, "box")).toBe(selector);
    expect(router.picks(loop0)).toEqual([selector]);
    expect(router.remove("allow", rule, "cell")).toBe(selector);
    expect(router.picks(loop0)).toEqual([]);
    expect([selector.allow.size, selector.deny.size]).toEqual([0, 0]);
  });
});

test("a rule that comes again when nobody had it any more is picked again", () => {
  const router = new Router<string>();
  const rule = parseRule("/dev/loop0");
  router.add("allow", rule, "box");
  router.remove("allow", rule, "box");
  const selector = router.add("deny", rule, "cell");
  expect(router.picks(loop0)).toEqual([selector]);
});

test.each(["env:ID_BUS=usb", "env:ID_BUS=u*|*b", "driver=usb", "devname=*", "attr:serial=A1", "usb=*:*", "usb=*:*:A1"])(
  "a device is asked nothing more when the last rule has gone: %s",
  (text) => {
    const stick = new TestDevice("/devices/usb1/1-1", "usb", { properties: new Map([["DEVTYPE", "usb_device"]]) });
    const asked = [vi.spyOn(stick, "property"), vi.spyOn(stick, "attribute")];
    const router = new Router<string>();
    router.add("allow", parseRule(text), "box");
    router.picks(stick);
    expect(asked.flatMap(({ mock }) => mock.calls)).not.toEqual([]);
    for (const each of asked) each.mockClear();
    router.remove("allow", parseRule(text), "box");
    router.picks(stick);
    expect(asked.flatMap(({ mock }) => mock.calls)).toEqual([]);
  },
);

describe("removing", () => {
  const cases: [string, Effect, string, string][] = [
    ["a rule that was never added", "allow", "subsystem=tty", "box"],
    ["a rule of another subscriber", "allow", "/dev/loop0,access=r", "cell"],
    ["a rule of the other effect", "deny", "/dev/loop0,access=r", "box"],
    ["a rule with other words", "allow", "/dev/loop0", "box"],
  ];
  test.each(cases)("%s changes nothing", (_, effect, text, subscriber) => {
    const router = new Router<string>();
    const selector = router.add("allow", parseRule("/dev/loop0,access=r"), "box");
    router.remove(effect, parseRule(text), subscriber);
    expect(router.picks(loop0)).toEqual([selector]);
    expect(selector.allow.get("box")).toHaveLength(1);
  });
});

test("adding the same rule of the same subscriber twice is adding it once", () => {
  const router = new Router<string>();
  router.add("allow", parseRule("/dev/loop0"), "box");
  const selector = router.add("allow", { devname: "loop0" }, "box");
  expect(selector.allow.get("box")).toHaveLength(1);
});

test("a rule with a preset must be expanded first", () => {
  expect(() => new Router().add("allow", { preset: "base" }, "box")).toThrow("expand()");
});

test("what a selector needs follows from its terms", () => {
  const router = new Router<string>();
  const needs = (text: string) => {
    const { needsUdev, dependsOnState } = router.add("allow", parseRule(text), "box");
    return { needsUdev, dependsOnState };
  };
  expect(needs("/devices/virtual,sysname=loop*")).toEqual({ needsUdev: false, dependsOnState: false });
  expect(needs("/devices/virtual,subsystem=block")).toEqual({ needsUdev: false, dependsOnState: true });
  expect(router.needsUdev).toBe(false);
  for (const text of ["tag=seat", "/dev/disk/by-id/x", "env:ID_BUS=usb"])
    expect(needs(text)).toEqual({ needsUdev: true, dependsOnState: true });
  expect(needs("env:HID_UNIQ=x").needsUdev).toBe(false);
  expect(router.needsUdev).toBe(true);
  for (const text of ["tag=seat", "/dev/disk/by-id/x", "env:ID_BUS=usb"])
    router.remove("allow", parseRule(text), "box");
  expect(router.needsUdev).toBe(false);
});

test("many rules that come and go are picked as one by one", { timeout: 60_000 }, () => {
  const devices = recordedDevices().filter((_, i) => i % 37 === 0);
  const rule = fc.constantFrom(...devices).chain(ruleNear);
  const steps = fc.array(fc.tuple(rule, fc.boolean()), { minLength: 50, maxLength: 150 });
  const property = fc.property(steps, (rules) => {
    const router = new Router<Rule>();
    for (const [each] of rules) router.add("allow", each, each);
    for (const [each, leaves] of rules) if (leaves) router.remove("allow", each, each);
    for (const device of devices) {
      const found = router.picks(device).flatMap(({ allow }) => [...allow.keys()]);
      const plain = rules.filter(([each, leaves]) => !leaves && picks(each, device)).map(([each]) => each);
      expect(new Set(found)).toEqual(new Set(plain));
      expect(found).toHaveLength(new Set(plain).size);
    }
  });
  fc.assert(property, { numRuns: 30 });
});
