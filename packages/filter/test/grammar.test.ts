import { RuleError, formatRule, parseRule, type Rule } from "@uevent-bridge/filter";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { recordedDevices } from "./corpus/corpus.js";
import { ruleNear, words } from "./generate/rules.js";

type Row = readonly [what: string, text: string, rule: Rule, canonical?: string];

const rows: readonly Row[] = [
  ["a path", "/devices/virtual/block/loop0", { path: "/devices/virtual/block/loop0" }],
  ["all devices", "/devices", { path: "/devices" }],
  ["a path as /sys shows it", "/sys/devices/virtual", { path: "/devices/virtual" }, "/devices/virtual"],
  ["a path as a shell completes it", "/sys/devices/virtual/", { path: "/devices/virtual" }, "/devices/virtual"],
  ["globs in a path", "/devices/pci*/**/[!a]?/x", { path: "/devices/pci*/**/[!a]?/x" }],
  ["a literal bar in a path", "/devices/a\\|b", { path: "/devices/a\\|b" }],
  ["USB ids", "usb=046d:c52b", { usb: "046d:c52b" }],
  ["USB ids in short and in capitals", "usb=46D:*", { usb: "046d:*" }, "usb=046d:*"],
  ["USB ids with a serial number", "usb=*:1:A*|:", { usb: "*:0001:A*|:" }, "usb=*:0001:A*|:"],
  ["a port", "port=1-1.3", { port: "1-1.3" }],
  ["a PCI address", "pci=0000:00:14.0", { pci: "0000:00:14.0" }],
  ["a driver", "driver=ftdi_sio|cp210x", { driver: "ftdi_sio|cp210x" }],
  [
    "kinds",
    "tag=seat,sysname=card*,devtype=disk",
    { devtype: "disk", sysname: "card*", tag: "seat" },
    "devtype=disk,sysname=card*,tag=seat",
  ],
  [
    "attributes",
    "attr:serial=A1,attr:queue/rotational=0",
    { attr: { serial: "A1", "queue/rotational": "0" } },
    "attr:queue/rotational=0,attr:serial=A1",
  ],
  ["an attribute with an empty value", "attr:label=", { attr: { label: "" } }],
  ["properties", "env:ID_BUS=usb|ata,env:a\\,b=c", { env: { ID_BUS: "usb|ata", "a,b": "c" } }],
  [
    "a key that every object has",
    "env:__proto__=x,env:constructor=y",
    {
      env: Object.fromEntries([
        ["__proto__", "x"],
        ["constructor", "y"],
      ]),
    },
  ],
  ["a value with =", "env:X=a=b", { env: { X: "a=b" } }],
  ["a value that begins with =", "env:X=\\=b", { env: { X: "\\=b" } }],
  [
    "blanks around commas",
    " \tport=1-1 ,\n subsystem=tty ",
    { port: "1-1", subsystem: "tty" },
    "port=1-1,subsystem=tty",
  ],
  ["escaped blanks at the ends", "sysname=\\ a b\\ ", { sysname: "\\ a b\\ " }],
  [
    "an escaped backslash before a blank",
    "sysname=a\\\\ ,tag=x",
    { sysname: "a\\\\", tag: "x" },
    "sysname=a\\\\,tag=x",
  ],
  ["escapes that need not be", "sysname=\\a", { sysname: "\\a" }],
  ["a node", "/dev/ttyUSB0", { devname: "ttyUSB0" }, "devname=ttyUSB0"],
  ["nodes", "/dev/ttyUSB*|/dev/ttyACM*", { devname: "/dev/ttyUSB*|/dev/ttyACM*" }, "devname=/dev/ttyUSB*|/dev/ttyACM*"],
  ["a node in a directory", "/dev/input/event3", { devname: "input/event3" }, "devname=input/event3"],
  ["a sound node", "/dev/snd/pcmC0D0p", { devname: "snd/pcmC0D0p" }, "devname=snd/pcmC0D0p"],
  ["a USB node", "/dev/bus/usb/001/002", { devname: "bus/usb/001/002" }, "devname=bus/usb/001/002"],
  ["a graphics node", "/dev/dri/card0", { devname: "dri/card0" }, "devname=dri/card0"],
  ["a tunnel", "/dev/net/tun", { devname: "net/tun" }, "devname=net/tun"],
  ["the device mapper", "/dev/mapper/control", { devname: "mapper/control" }, "devname=mapper/control"],
  ["a disk by its id", "/dev/disk/by-id/ata-X", { devlink: "disk/by-id/ata-X" }, "devlink=disk/by-id/ata-X"],
  ["an input device by its path", "/dev/input/by-path/x", { devlink: "input/by-path/x" }, "devlink=input/by-path/x"],
  ["a mapped volume", "/dev/mapper/root", { devlink: "mapper/root" }, "devlink=mapper/root"],
  ["a link of one's own", "/dev/robots/arm0", { devlink: "robots/arm0" }, "devlink=robots/arm0"],
  ["a link that looks like a node", "devlink=cdrom", { devlink: "cdrom" }],
  ["a preset", "preset=base", { preset: "base" }],
  ["a preset with words", "preset=base,access=r", { preset: "base", access: "r" }],
  [
    "words",
    "/dev/sda,required,exclusive,access=rwm",
    { devname: "sda", access: "rwm", exclusive: true, required: true },
    "devname=sda,access=rwm,exclusive,required",
  ],
  ["a name in the container", "/dev/sda,as=my\\ disk", { devname: "sda", as: "my disk" }, "devname=sda,as=my disk"],
  ["a mode", "/dev/sda,mode=60", { devname: "sda", mode: 0o60 }, "devname=sda,mode=0060"],
  [
    "an owner",
    "/dev/sda,owner=0:4294967294",
    { devname: "sda", owner: { uid: 0, gid: 4_294_967_294 } },
    "devname=sda,owner=0:4294967294",
  ],
  [
    "writable attributes",
    "/dev/sda,sysfs=rw:b,sysfs=rw:a\\,c",
    { devname: "sda", sysfs: ["b", "a,c"] },
    "devname=sda,sysfs=rw:b,sysfs=rw:a\\,c",
  ],
];

describe("a text is read as a rule and written as one", () => {
  for (const [what, text, rule, canonical = text] of rows)
    test(`${what}: ${text}`, () => {
      expect(parseRule(text)).toEqual(rule);
      expect(formatRule(rule)).toBe(canonical);
      expect(parseRule(canonical)).toEqual(rule);
    });
});

test("what is written of any rule is read as that rule", () => {
  const rule = fc.constantFrom(...recordedDevices()).chain(ruleNear);
  const property = fc.property(rule, words, (picking, said) => {
    const given = { ...picking, ...said };
    const text = formatRule(given);
    expect(parseRule(text)).toEqual(given);
    expect(formatRule(parseRule(text))).toBe(text);
  });
  fc.assert(property, { numRuns: 300 });
});

test("no text makes the parser say anything but a rule or a RuleError", () => {
  const words = ["subsystem=", "attr:", "/devices/", "/dev/", "usb=", "access=rw", "**", "\u{1F50C}", "\udc80"];
  const bits = fc.constantFrom(...Array.from("\\,=|*?[]!-: /.a0"), ...words);
  const text = fc.array(bits, { maxLength: 20 }).map((parts) => parts.join(""));
  const property = fc.property(text, (each) => {
    const rule = ruleOf(each);
    if (rule !== undefined) expect(parseRule(formatRule(rule))).toEqual(rule);
  });
  fc.assert(property, { numRuns: 5_000 });
});

function ruleOf(text: string): Rule | undefined {
  try {
    return parseRule(text);
  } catch (error) {
    if (!(error instanceof RuleError) || error.at === undefined) throw error;
    expect(error.at.offset + error.at.length).toBeLessThanOrEqual(text.length);
    expect(error.rule).toBe(text);
    return undefined;
  }
}
