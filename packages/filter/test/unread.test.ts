import { Router, parseRule, type Rule } from "@uevent-bridge/filter";
import fc from "fast-check";
import { expect, test } from "vitest";

import { recordedDevices } from "./corpus/corpus.js";
import { TestDevice } from "./corpus/test-device.js";
import { ruleNear } from "./generate/rules.js";
import { chainOf, picks } from "./plain/picks.js";

const hub = usbDevice("/devices/pci0000:00/usb1/1-1", "Y1");
const mouse = usbDevice("/devices/pci0000:00/usb1/1-1/1-1.2", "Z2", hub);

function usbDevice(devpath: string, serial: string, parent?: TestDevice): TestDevice {
  const properties = new Map([
    ["DEVTYPE", "usb_device"],
    ["PRODUCT", "46d/c52b/1211"],
  ]);
  const device = new TestDevice(devpath, "usb", { properties, attributes: new Map([["serial", serial]]) });
  return Object.assign(device, { parent });
}

const both = ["1-1 serial", "1-1.2 serial"];

test.each([
  ["an attribute that alone decides", "attr:serial=Z2", ["1-1.2 serial"]],
  ["an attribute of an ancestor, for a place", "usb=046d:c52b:Z2", both],
  ["two attributes", "attr:serial=Z2,attr:bcdDevice=1211", ["1-1.2 bcdDevice", "1-1.2 serial"]],
  ["none of a device whose other terms do not hold", "subsystem=tty,attr:serial=Z2", []],
  ["none of a device with other ids", "usb=046d:c52c:Z2", []],
  ["none where no attribute is asked for", "usb=046d:c52b", []],
])("it is said to read %s", (_, text, expected) => {
  for (const device of [hub, mouse]) device.known = new Set();
  const said = new Set<string>();
  const say = (at: { devpath: string }, attribute: string) => said.add(`${at.devpath.split("/").at(-1)} ${attribute}`);
  const router = new Router<string>();
  const selector = router.add("allow", parseRule(text), "box");
  const picked = router.picks(mouse, (device, attribute) => say(device, attribute));
  expect([...said].toSorted()).toEqual(expected);
  said.clear();
  expect(selector.picks(mouse, say)).toBe(picked.length > 0);
  expect([...said].toSorted()).toEqual(expected);
});

test("an attribute is said to read though another rule like it holds by an ancestor already", () => {
  hub.known = "all";
  mouse.known = new Set();
  const router = new Router<string>();
  const known = router.add("allow", parseRule("usb=046d:c52b:Y1"), "box");
  router.add("allow", parseRule("usb=046d:c52b:Z2"), "box");
  const said: string[] = [];
  expect(router.picks(mouse, (device, attribute) => said.push(`${device.devpath} ${attribute}`))).toEqual([known]);
  expect(said).toContain(`${mouse.devpath} serial`);
});

/** The plain answer when nothing is unread. */
function picksKnowingAll(rule: Rule, device: TestDevice): boolean {
  const chain = [...chainOf(device)] as TestDevice[];
  const before = chain.map(({ known }) => known);
  for (const at of chain) at.known = "all";
  const picked = picks(rule, device);
  chain.forEach((at, i) => Object.assign(at, { known: before[i] }));
  return picked;
}

test("an attribute is said to read for a rule though another that asks for it fails by its other terms", () => {
  mouse.known = new Set();
  const router = new Router<string>();
  for (const subsystem of ["tty", "*b"]) router.add("allow", parseRule(`attr:serial=Z2,subsystem=${subsystem}`), "box");
  const said: string[] = [];
  router.picks(mouse, (_, attribute) => said.push(attribute));
  expect(said).toEqual(["serial"]);
});

test("an attribute that only rules of the past asked for is not read", () => {
  mouse.known = new Set();
  const router = new Router<string>();
  router.add("allow", parseRule("attr:serial=Z2,subsystem=tty"), "box");
  const past = parseRule("attr:serial=Z3,subsystem=usb");
  router.add("allow", past, "box");
  router.remove("allow", past, "box");
  const said: string[] = [];
  router.picks(mouse, (_, attribute) => said.push(attribute));
  expect(said).toEqual([]);
});

test("who is told what to read may ask the router at once", () => {
  hub.known = mouse.known = new Set();
  const router = new Router<string>();
  for (const serial of ["Y1", "Z2", "Z2|X"]) router.add("allow", parseRule(`usb=046d:c52b:${serial}`), "box");
  router.add("allow", parseRule("/devices/pci0000:00,usb=046d:c52b"), "box");
  const nested: number[] = [];
  const picked = router.picks(mouse, (device) => nested.push(router.picks(device).length));
  expect(picked).toHaveLength(1);
  expect(new Set(nested)).toEqual(new Set([1]));
});

test("reading what is asked for leads to the answer that knowing all gives", { timeout: 60_000 }, () => {
  const devices = recordedDevices().filter((device, i) => device.attributes.has("serial") || i % 37 === 0);
  const rules = fc.array(fc.constantFrom(...devices).chain(ruleNear), { minLength: 1, maxLength: 40 });
  const property = fc.property(rules, (each) => {
    for (const device of devices) device.known = new Set();
    const router = new Router<number>();
    each.forEach((rule, i) => router.add("allow", rule, i));
    for (const device of devices) {
      let picked = router.picks(device);
      expect(picked.flatMap(({ allow }) => [...allow.keys()]).every((i) => picks(each[i] ?? {}, device))).toBe(true);
      for (let reads = 1; reads > 0;) {
        reads = 0;
        picked = router.picks(device, (at, attribute) => {
          reads++;
          const { known } = at as TestDevice;
          if (known !== "all") known.add(attribute);
        });
      }
      const plain = each.flatMap((rule, i) => (picksKnowingAll(rule, device) ? [i] : []));
      expect(picked.flatMap(({ allow }) => [...allow.keys()]).toSorted((a, b) => a - b)).toEqual(plain);
    }
  });
  fc.assert(property, { numRuns: 60 });
});
