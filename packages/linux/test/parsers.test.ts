import { describe, expect, test } from "vitest";

import { isAttributeName, relativeDevpath } from "../src/devpath.js";
import { hostIdOf, rootOf } from "../src/id-map.js";
import { parseReaders } from "../src/netlink-table.js";
import { outcomeOf } from "../src/outcome.js";
import { listensOnControl, parseUdevRecord, recordName } from "../src/udev.js";

describe("the root of an id map", () => {
  test.each([
    ["the initial user namespace", "         0          0 4294967295\n", 0],
    ["a range", "         0     100000      65536\n", 100000],
    ["one's own id alone", "         0       1000          1\n", 1000],
    ["several ranges, 0 not first", "         1     200000      65536\n         0       1000          1\n", 1000],
    ["no root: who is there instead", "      1000       2000          1\n", 2000],
    ["no map yet", "", undefined],
  ])("%s", (_, map, root) => {
    expect(rootOf(map)).toBe(root);
  });
});

describe("an id of an id map", () => {
  const map = "         0       1000          1\n         5     100000         10\n";
  test.each([
    [0, 1000],
    [1, undefined],
    [5, 100_000],
    [14, 100_009],
    [15, undefined],
    [-1, undefined],
    [Number.NaN, undefined],
  ])("%d", (id, outside) => {
    expect(hostIdOf(map, id)).toBe(outside);
    expect(hostIdOf("", id)).toBeUndefined();
  });
});

test("readers of a uevent group are told from other sockets and other groups", () => {
  const table = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
00000000ee856d2a 15  0          00000000 0        0        0     2        0        8
000000004f8b2d0c 15  4190304531 00000001 1280     0        0     2        7        93217
00000000d2f1c1a7 15  2173       00000002 0        0        0     2        0        93218
00000000d2f1c1a8 15  2174       00000003 0        0        0     2        0        93219
00000000c0ffee00 0   2175       00000001 0        0        0     2        0        93220
`;
  expect(parseReaders(table, 1)).toEqual([
    { inode: 93217, rmem: 1280, drops: 7 },
    { inode: 93219, rmem: 0, drops: 0 },
  ]);
  expect(parseReaders(table, 2).map(({ inode }) => inode)).toEqual([93218, 93219]);
  expect(parseReaders(table, 4)).toEqual([]);
});

describe("device paths", () => {
  test.each([
    ["/devices/virtual/block/loop0", "devices/virtual/block/loop0"],
    ["/devices/a..b/.c/d.", "devices/a..b/.c/d."],
    ["/devices", undefined],
    ["/devices/", undefined],
    ["/devicesx/a", undefined],
    ["/devices/a/", undefined],
    ["/devices//a", undefined],
    ["/devices/../etc", undefined],
    ["/devices/a/./b", undefined],
    ["/devices/a\0b", undefined],
    ["/devices/\u00ff", "devices/\u00ff"],
    ["/devices/a/\u012e\u012e", undefined],
    ["devices/a", undefined],
  ])("%j is %j below /sys", (devpath, path) => {
    expect(relativeDevpath(devpath)).toBe(path);
  });

  test.each([
    ["size", true],
    ["power/control", true],
    ["a..b", true],
    ["", false],
    ["..", false],
    ["power/../size", false],
    ["/size", false],
    ["size/", false],
    ["si\0ze", false],
    ["\u012e\u012e", false],
  ])("%j as the name of an attribute: %s", (name, isOne) => {
    expect(isAttributeName(name)).toBe(isOne);
  });
});

describe("udev's database", () => {
  const device = (devpath: string, subsystem: string, uevent: string): Parameters<typeof recordName>[0] => {
    return { devpath, subsystem, uevent: new Uint8Array(Buffer.from(uevent)), incarnation: "1" };
  };
  test.each([
    ["b8:1", device("/devices/x/sda1", "block", "MAJOR=8\nMINOR=1\nDEVNAME=sda1\n")],
    ["c116:3", device("/devices/x/pcmC0D0p", "sound", "MAJOR=116\nMINOR=3\n")],
    ["n2", device("/devices/x/net/eth0", "net", "INTERFACE=eth0\nIFINDEX=2\n")],
    ["+usb:1-2", device("/devices/pci0/usb1/1-2", "usb", "DEVTYPE=usb_device\n")],
  ])("the record of a device is %s", (id, raw) => {
    expect(recordName(raw)).toBe(id);
  });

  test("links, properties with = in them, and the tags that hold now", () => {
    const record = parseUdevRecord(
      "S:disk/by-id/a\nS:disk/by-path/b\nL:-100\nI:1234\nE:ID_X=1=2\nE:EMPTY=\nG:old\nG:seat\nQ:seat\nV:1\n",
    );
    expect(record).toEqual({
      properties: new Map([
        ["ID_X", "1=2"],
        ["EMPTY", ""],
      ]),
      links: ["/dev/disk/by-id/a", "/dev/disk/by-path/b"],
      priority: -100,
      tags: ["seat"],
    });
  });

  test("a priority that is none is none", () => {
    for (const said of ["L:0", "L:high", "L:99999999999"])
      expect(parseUdevRecord(`S:a\n${said}\n`)).not.toHaveProperty("priority");
  });

  test("an older udevd says tags by G alone", () => {
    expect(parseUdevRecord("G:seat\nG:uaccess\n").tags).toEqual(["seat", "uaccess"]);
  });

  test.each([
    [true, "ffff8881: 00000002 00000000 00010000 0005 01 9421 /run/udev/control"],
    [false, "ffff8881: 00000002 00000000 00000000 0005 01 9421 /run/udev/control"],
    [false, "ffff8881: 00000002 00000000 00010000 0005 01 9421 /run/udev/control2"],
    [false, ""],
  ])("udevd runs: %s for %j", (runs, line) => {
    const list = `Num       RefCount Protocol Flags    Type St Inode Path\n${line}\n`;
    expect(listensOnControl(list)).toBe(runs);
  });
});

test.each([
  ["EAGAIN", 11, "full"],
  ["ECONNREFUSED", 111, "gone"],
  ["ENOENT", 2, "gone"],
  ["ENOTCONN", 107, "gone"],
  ["EPIPE", 32, "gone"],
  ["EPERM", 1, "denied"],
  ["EACCES", 13, "denied"],
  ["EPROTOTYPE", 91, "denied"],
  ["EMSGSIZE", 90, "too-long"],
])("a send that fails with %s", (_, errno, outcome) => {
  expect(outcomeOf(-errno)).toBe(outcome);
});
