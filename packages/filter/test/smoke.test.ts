import { Router, Unread, formatRule, parseRule, type Facts } from "@uevent-bridge/filter";
import { expect, test } from "vitest";

function device(
  devpath: string,
  subsystem: string,
  props: Record<string, string>,
  parent?: Facts,
  attrs: Record<string, string | typeof Unread> = {},
): Facts {
  return { devpath, subsystem, parent, property: (k) => props[k], attribute: (n) => attrs[n], links: [], tags: [] };
}
const usb = device(
  "/devices/pci0000:00/0000:00:14.0/usb1/1-1",
  "usb",
  { DEVTYPE: "usb_device", PRODUCT: "46d/c52b/1211", DRIVER: "usb" },
  undefined,
  { serial: Unread },
);
const tty = device(
  "/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/ttyUSB0/tty/ttyUSB0",
  "tty",
  { DEVNAME: "ttyUSB0" },
  usb,
);

test.each([
  ["port=1-1,subsystem=tty", true],
  ["usb=46D:c52b", true],
  ["usb=046d:*", true],
  ["/devices/pci*/**/tty/*", true],
  ["/sys/devices/pci0000:00/", true],
  ["/dev/ttyUSB0", true],
  ["/dev/ttyUSB*|/dev/ttyACM*", true],
  ["devname=/dev/tty[A-Z]*,driver=usb", true],
  ["usb=046d:c52b:XY", false],
  ["subsystem=block", false],
])("%s", (text, expected) => {
  const router = new Router<string>();
  const rule = parseRule(text);
  expect(parseRule(formatRule(rule))).toEqual(rule);
  const selector = router.add("allow", rule, "box");
  const said: string[] = [];
  expect(router.picks(tty, (d, a) => said.push(d.devpath + a)).length > 0).toBe(expected);
  expect(selector.picks(tty)).toBe(expected);
  if (text.includes("XY")) expect(said.length).toBe(1);
  router.remove("allow", rule, "box");
  expect(router.picks(tty)).toEqual([]);
});
