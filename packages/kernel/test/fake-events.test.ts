import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { listenTo } from "./listen-to.js";

const DISK = "/devices/virtual/block/loop7";
const USB = "/devices/pci0000:00/0000:00:14.0/usb1/1-1";
const NET = "/devices/virtual/net/veth0";
const BLOCK = { subsystem: "block", properties: { MAJOR: "7", MINOR: "7", DEVNAME: "loop7", DEVTYPE: "disk" } };
const BLOCK_PAIRS = "MAJOR=7 MINOR=7 DEVNAME=loop7 DEVTYPE=disk";
const USB_DEVICE = { subsystem: "usb", properties: { DEVTYPE: "usb_device", PRODUCT: "1/2/3" } };

let fake: FakeKernel;
let heard: string[];

beforeEach(() => {
  fake = new FakeKernel();
  heard = listenTo(fake);
});

describe("what is said, NULs as blanks", () => {
  const header = (action: string, devpath: string): string =>
    `${action}@${devpath} ACTION=${action} DEVPATH=${devpath}`;
  const table: [string, (fake: FakeKernel) => void, string[]][] = [
    ["plug", () => fake.plug(DISK, BLOCK), [`${header("add", DISK)} SUBSYSTEM=block ${BLOCK_PAIRS} SEQNUM=1 `]],
    [
      "plug with a driver",
      () => fake.plug(USB, { ...USB_DEVICE, driver: "usb" }),
      [
        `${header("add", USB)} SUBSYSTEM=usb DEVTYPE=usb_device PRODUCT=1/2/3 SEQNUM=1 `,
        `${header("bind", USB)} SUBSYSTEM=usb DEVTYPE=usb_device DRIVER=usb PRODUCT=1/2/3 SEQNUM=2 `,
      ],
    ],
    [
      "unbind",
      () => {
        fake.plug(USB, { ...USB_DEVICE, driver: "usb", silent: true });
        fake.unbind(USB);
      },
      [`${header("unbind", USB)} SUBSYSTEM=usb DEVTYPE=usb_device PRODUCT=1/2/3 SEQNUM=1 `],
    ],
    [
      "change with a pair of the event's own",
      () => {
        fake.plug(DISK, { ...BLOCK, silent: true });
        fake.change(DISK, { extras: { DISK_MEDIA_CHANGE: "1" }, properties: { DISKSEQ: "9", MINOR: undefined } });
      },
      [
        `${header("change", DISK)} SUBSYSTEM=block DISK_MEDIA_CHANGE=1 MAJOR=7 DEVNAME=loop7 DEVTYPE=disk DISKSEQ=9 SEQNUM=1 `,
      ],
    ],
    [
      "a synthetic event",
      () => {
        fake.plug(DISK, { ...BLOCK, silent: true });
        fake.synthetic(DISK, "remove");
        fake.offline(DISK);
      },
      [
        `${header("remove", DISK)} SUBSYSTEM=block SYNTH_UUID=0 ${BLOCK_PAIRS} SEQNUM=1 `,
        `${header("offline", DISK)} SUBSYSTEM=block ${BLOCK_PAIRS} SEQNUM=2 `,
      ],
    ],
    [
      "kobjects that are no devices",
      () => {
        fake.kobject("/module/loop", "module");
        fake.kobject(`${NET}/queues/rx-0`, "queues");
      },
      [
        `${header("add", "/module/loop")} SUBSYSTEM=module SEQNUM=1 `,
        `${header("add", `${NET}/queues/rx-0`)} SUBSYSTEM=queues SEQNUM=2 `,
      ],
    ],
  ];
  test.each(table)("%s", (_, happen, said) => {
    happen(fake);
    fake.run();
    expect(heard.map((datagram) => datagram.replaceAll("\0", " "))).toEqual(said);
  });
});

describe("the tree", () => {
  test("unplugging takes what is below first, a remove for each", () => {
    fake.plug(DISK, BLOCK);
    fake.plug(`${DISK}/loop7p1`, BLOCK);
    fake.kobject(`${DISK}/loop7p1/queue`, "queues");
    fake.run();
    heard.length = 0;
    fake.unplug(DISK);
    fake.run();
    expect(heard.map(headerOf)).toEqual([`remove@${DISK}/loop7p1/queue`, `remove@${DISK}/loop7p1`, `remove@${DISK}`]);
    expect(fake.devices.read(DISK)).toBeUndefined();
  });

  test("paths are segments: loop70 is not below loop7", () => {
    fake.plug(DISK, BLOCK);
    fake.plug(`${DISK}0`, BLOCK);
    fake.unplug(DISK);
    expect(fake.devices.read(`${DISK}0`)?.devpath).toBe(`${DISK}0`);
  });

  test("moving says one event, takes what is below along, and keeps the incarnation", () => {
    const [from, to] = ["/devices/platform/a", "/devices/platform/b"];
    fake.plug(from, { subsystem: "platform" });
    fake.plug(`${from}/c`, { subsystem: "platform" });
    const incarnation = fake.devices.incarnation(`${from}/c`);
    fake.run();
    heard.length = 0;
    fake.move(from, to);
    fake.run();
    expect(heard.map(headerOf)).toEqual([`move@${to}`]);
    expect(heard[0]).toContain(`\0DEVPATH_OLD=${from}\0`);
    expect(fake.devices.incarnation(`${to}/c`)).toBe(incarnation);
    expect(fake.devices.read(`${from}/c`)).toBeUndefined();
  });

  test("what happens silently is seen and not heard", () => {
    fake.plug(DISK, { ...BLOCK, silent: true });
    fake.bind(DISK, "loop", { silent: true });
    fake.run();
    expect(heard).toEqual([]);
    expect(fake.devices.read(DISK)?.uevent).toEqual(
      new Uint8Array(Buffer.from("MAJOR=7\nMINOR=7\nDEVNAME=loop7\nDEVTYPE=disk\nDRIVER=loop\n")),
    );
  });

  test("a device is there before its add is read, and gone before its remove is", () => {
    fake.plug(DISK, BLOCK);
    expect([fake.devices.read(DISK)?.subsystem, heard]).toEqual(["block", []]);
    fake.run();
    fake.unplug(DISK);
    expect([fake.devices.read(DISK), heard.length]).toEqual([undefined, 1]);
  });

  test.each([
    ["a parent after its child", `${DISK}/p1`, DISK],
    ["a device twice", DISK, DISK],
    ["a path that is none", "/devices/other", "devices"],
    ["an empty segment", "/devices/other", "/devices//a"],
  ])("it refuses %s", (_, first, second) => {
    fake.plug(first, BLOCK);
    expect(() => fake.plug(second, BLOCK)).toThrow("FakeKernel");
  });
});

describe("who hears it", () => {
  test("devices: every netns of the initial user namespace, and no other", () => {
    const [own, initial] = [fake.container(), fake.container({ userns: "initial" })];
    const readers = [own.reader(), initial.reader()];
    fake.plug(DISK, BLOCK);
    fake.run();
    expect([heard.length, ...readers.map((reader) => reader.readAll().length)]).toEqual([1, 0, 1]);
  });

  test("network devices and what is below them: their own netns alone", () => {
    const boxes = [fake.container(), fake.container({ userns: "initial" })];
    const readers = boxes.map((box) => box.reader());
    for (const box of boxes) {
      fake.plug(NET, { subsystem: "net", netns: box });
      fake.kobject(`${NET}/queues/rx-0`, "queues", { netns: box });
    }
    fake.run();
    expect([heard.length, ...readers.map((reader) => reader.readAll().length)]).toEqual([0, 2, 2]);
  });

  test("unplugging a network card takes its interface out of a container", () => {
    const box = fake.container();
    const reader = box.reader();
    fake.plug(USB, USB_DEVICE);
    fake.plug(`${USB}/net/usb0`, { subsystem: "net", netns: box });
    reader.readAll();
    fake.unplug(USB);
    expect(reader.readAll().map((bytes) => headerOf(Buffer.from(bytes).toString()))).toEqual([
      `remove@${USB}/net/usb0`,
    ]);
  });

  test("containers that share a netns, or the host's, hear alike", () => {
    const box = fake.container();
    const pod = fake.container({ netns: box });
    const onHost = fake.container({ netns: "host" });
    expect([pod.netns, onHost.netns.inode]).toEqual([box.netns, fake.openTarget({ pid: process.pid }).netns]);
  });
});

function headerOf(datagram: string): string | undefined {
  return datagram.split("\0")[0];
}
