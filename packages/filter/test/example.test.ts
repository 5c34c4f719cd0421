import { Router, literal, parseRule, type Rule } from "@uevent-bridge/filter";
import { expect, test } from "vitest";

import { TestDevice } from "./corpus/test-device.js";

const usb = new TestDevice("/devices/pci0000:00/usb1/1-1.3", "usb", {
  properties: new Map([["DEVTYPE", "usb_device"]]),
});
const tty = new TestDevice("/devices/pci0000:00/usb1/1-1.3/tty/ttyUSB0", "tty", { parent: usb });

test("the examples of single functions", () => {
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
