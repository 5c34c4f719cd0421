import { parseRule } from "@uevent-bridge/filter";
import { expect, test } from "vitest";

import { KnownDevice } from "../src/known-device.js";
import type { Subscriber } from "../src/selection.js";
import { Selection } from "../src/selection.js";
import { LOOP0 } from "./scene.js";

const subscriber = (): Subscriber => ({ netns: undefined, outlets: [], fallBehind: () => {} });

test.each(["allow", "deny"] as const)(
  "of a rule by which nobody is to %s anything any more no device keeps anything",
  (effect) => {
    const selection = new Selection(() => []);
    const device = new KnownDevice(LOOP0, "block", "", "1");
    const claimed = { effect, rule: parseRule("subsystem=block"), text: "subsystem=block" };
    selection.repick(device, []);
    const [one, other] = [subscriber(), subscriber()];
    for (const each of [one, other]) selection.add(claimed, each, [device]);
    expect(device.picks).toHaveLength(1);
    selection.remove(claimed, one, [device]);
    expect(device.picks).toHaveLength(1);
    selection.remove(claimed, other, [device]);
    expect(device.picks).toEqual([]);
  },
);

test("a rule that somebody else gives too is asked anew, and for as long as it cannot answer its answer stays", () => {
  const selection = new Selection(() => []);
  const device = new KnownDevice(LOOP0, "block", "", "1");
  const claimed = { effect: "allow", rule: parseRule("attr:size=8"), text: "attr:size=8" } as const;
  const add = (): unknown => [selection.add(claimed, subscriber(), [device]).length, device.picks.length];
  selection.repick(device, []);
  device.attributes.set("size", "8");
  expect(add()).toEqual([0, 1]);
  device.attributes.clear();
  expect(add()).toEqual([1, 1]);
  device.attributes.set("size", "9");
  expect(add()).toEqual([0, 0]);
});
