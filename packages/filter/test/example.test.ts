import { Router, compilePolicy, explain, literal, parseRule, type Rule } from "@uevent-bridge/filter";
import { expect, test } from "vitest";

import { TestDevice } from "./corpus/test-device.js";

const usb = new TestDevice("/devices/pci0000:00/usb1/1-1.3", "usb", {
  properties: new Map([["DEVTYPE", "usb_device"]]),
});
const tty = new TestDevice("/devices/pci0000:00/usb1/1-1.3/tty/ttyUSB0", "tty", { parent: usb });

test("the example of the README", () => {
  const serial = "A6008isP, rev 2"; // from outside: never put into a text
  const policy = compilePolicy({
    allow: ["preset=base", "port=1-1.3,subsystem=tty", { usb: `0403:6001:${literal(serial)}` }],
    deny: ["driver=usb-storage"],
  });
  expect(
    explain(tty, policy), // { reason: "allowed", rule: "port=1-1.3,subsystem=tty", picked: tty.devpath }
  ).toEqual({ reason: "allowed", rule: "port=1-1.3,subsystem=tty", picked: tty.devpath });

  const router = new Router<string>(); // for many subscribers
  for (const { effect, rule, text } of [...policy.allow, ...policy.deny]) router.add(effect, rule, "box", text);
  router.add("allow", parseRule("subsystem=tty , port=1-1.3"), "cell"); // the same selector
  expect(
    router.picks(tty).flatMap(({ allow }) => [...allow.keys()]), // ["box", "cell"]
  ).toEqual(["box", "cell"]);
});

test("the examples in the source", () => {
  expect(
    parseRule("port=1-1.3, subsystem=tty"), // { port: "1-1.3", subsystem: "tty" }
  ).toEqual({ port: "1-1.3", subsystem: "tty" });

  const serial = "*,";
  const rule: Rule = { attr: { serial: literal(serial) } };
  expect(rule).toEqual({ attr: { serial: "\\*\\," } });

  const router = new Router<string>();
  router.add("allow", parseRule("port=1-1.3,subsystem=tty"), "box");
  const device = tty;
  expect(
    router.picks(device).some((selector) => selector.allow.has("box")), // true
  ).toBe(true);
});
