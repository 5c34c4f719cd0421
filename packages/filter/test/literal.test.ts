import { Router, formatRule, literal, parseRule } from "@uevent-bridge/filter";
import fc from "fast-check";
import { expect, test } from "vitest";

import { ODD } from "./corpus/attributes.js";
import { TestDevice } from "./corpus/test-device.js";

/** Text as values have it: no NUL, and of surrogates only pairs and U+DC80 … U+DCFF for stray bytes. */
const unit = fc.oneof(
  fc.constantFrom(...Array.from("\\,|*?[]!^-= \t\r\n:/")),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  fc.constantFrom("\udc80", "\udcff"),
);
const value = fc.array(unit, { maxLength: 12 }).map((units) => units.join("").replaceAll("\0", ""));

test.each(ODD)("the literal of %j matches it", (odd) => {
  expect(isPicked({ attr: { label: literal(odd) } }, odd)).toBe(true);
});

test("a literal matches its value and no other, as a field and in a text", () => {
  const property = fc.property(value, value, (own, other) => {
    const rule = { attr: { label: literal(own) } };
    expect(isPicked(rule, own)).toBe(true);
    expect(isPicked(rule, other)).toBe(own === other);
    expect(parseRule(formatRule(rule))).toEqual(rule);
    expect(parseRule(`attr:label=${literal(own)} , tag=x`)).toEqual({ ...rule, tag: "x" });
  });
  fc.assert(property, { numRuns: 2_000 });
});

test("literals can be put together, with wildcards between them", () => {
  const property = fc.property(value, value, value, (a, b, between) => {
    const pattern = `${literal(a)}*${literal(b)}`;
    expect(isPicked({ attr: { label: pattern } }, a + between + b)).toBe(true);
  });
  fc.assert(property);
});

test.each([
  ["usb", { usb: `046d:c52b:${literal("A,1")}` }, "usb=046d:c52b:A\\,1"],
  ["a path", { path: `/devices/${literal("a*b")}` }, "/devices/a\\*b"],
  ["a node", { devname: literal("my, node ") }, "devname=my\\, node\\ "],
])("a literal goes into %s too", (_, rule, text) => {
  expect(formatRule(rule)).toBe(text);
});

function isPicked(rule: { attr: { label: string } }, label: string): boolean {
  const device = new TestDevice("/devices/x", "misc", { attributes: new Map([["label", label]]) });
  const router = new Router<string>();
  const selector = router.add("allow", rule, "box");
  const picked = selector.picks(device);
  expect(router.picks(device).includes(selector)).toBe(picked);
  return picked;
}
