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
