import type { Batch } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { listenTo } from "./listen-to.js";

const DISK = "/devices/virtual/block/loop7";
const BLOCK = { subsystem: "block", attributes: { size: "8" } };
const EVENT_OF_300_BYTES = new Uint8Array(300);

let fake: FakeKernel;

beforeEach(() => {
  fake = new FakeKernel();
});

describe("overruns", () => {
  test("overrun() is told before what waits, and what comes until the queue is empty is lost", () => {
    const heard = listenTo(fake);
    fake.plug(DISK, BLOCK);
    fake.overrun();
    fake.change(DISK);
    fake.run();
    fake.change(DISK);
    fake.run();
    expect(heard.map((datagram) => datagram.split("@")[0])).toEqual(["overrun", "add", "change"]);
    expect(fake.seqnum).toBe(3);
  });

  test("an idle source is told of an overrun too", () => {
    const heard = listenTo(fake);
    fake.overrun();
    fake.run();
    expect(heard).toEqual(["overrun"]);
  });

  test("a reader's buffer of the usual size holds 166 datagrams of 300 bytes, as measured", () => {
    const box = fake.container();
    const reader = box.reader();
    for (let n = 0; n < 170; n++) fake.emit(EVENT_OF_300_BYTES, { netns: box });
    expect(reader.readAll()).toHaveLength(166);
    expect(reader.overruns).toBe(1);
  });
});

describe("limits", () => {
  test.each([
    [11, {}],
    [3, { queue: 3 }],
  ])("a listener's queue holds %i", (capacity, options) => {
    const listener = fake.directory("/run/a").bind("a.sock", options);
    const directory = fake.openDirectory("/run/a", { uid: 0, gid: 0 });
    const peer = directory.connect({ name: "a.sock", inode: listener.inode });
    if (typeof peer === "string") throw new Error(peer);
    const sender = fake.openSender();
    sender.stage(EVENT_OF_300_BYTES, 0, 300);
    for (let n = 0; n < 20; n++) sender.push(peer);
    expect([sender.flush().length, listener.waiting]).toEqual([20 - capacity, capacity]);
  });

  test("an injected event takes 2048 bytes with its header and its SEQNUM, and no more", () => {
    const injector = fake.openTarget({ pid: fake.container().pid }).openInjector("kernel");
    const sender = fake.openSender();
    const longest = 2048 - 16 - "SEQNUM=1\0".length;
    for (const length of [longest + 1, longest]) {
      sender.stage(new Uint8Array(length), 0, length);
      sender.push(injector);
      expect(sender.flush().map(({ outcome }) => outcome)).toEqual(length === longest ? [] : ["too-long"]);
    }
  });
});

describe("batches", () => {
  test("memory that was kept is poisoned", () => {
    const kept: Uint8Array[] = [];
    const onBatch = ({ slab, starts, ends }: Batch): number => kept.push(slab.subarray(starts[0], ends[0]));
    fake.openSource({ group: "kernel", onBatch }).resume();
    fake.plug(DISK, BLOCK);
    fake.run();
    expect(new Set(kept[0])).toEqual(new Set([0xdb]));
  });

  test("drain() within onBatch is an error", () => {
    const source = fake.openSource({ group: "kernel", onBatch: () => source.drain() });
    fake.plug(DISK, BLOCK);
    expect(() => source.drain()).toThrow("within onBatch");
  });

  test("the udev group has its own datagrams", () => {
    const groups: (number | undefined)[] = [];
    const onBatch = ({ groups: of, count }: Batch): number => groups.push(...of.subarray(0, count));
    fake.openSource({ group: "udev", onBatch }).resume();
    fake.plug(DISK, BLOCK);
    fake.emit(EVENT_OF_300_BYTES, { to: "udev", portId: 77, pid: 77 });
    fake.run();
    expect(groups).toEqual([2]);
  });
});

describe("enumerating", () => {
  const paths = ["/devices/a", "/devices/b", "/devices/c", "/devices/d"];

  test("races with what comes and goes", async () => {
    for (const path of paths) fake.plug(path, BLOCK);
    fake.during("enumerate", () => {
      fake.unplug("/devices/a");
      fake.unplug("/devices/d");
      fake.plug("/devices/e", BLOCK);
    });
    const found = (await fake.devices.enumerate()).map(({ devpath }) => devpath);
    expect(found).toEqual(["/devices/a", "/devices/b", "/devices/c", "/devices/e"]);
  });

  test("fails when told to, once", async () => {
    fake.fail("enumerate", new KernelError("NO_PRIVILEGE", "no", "ask root"));
    await expect(fake.devices.enumerate()).rejects.toThrow("no");
    expect(await fake.devices.enumerate()).toEqual([]);
  });
});

describe("attributes that hang", () => {
  test("answer when they are released", async () => {
    fake.plug(DISK, BLOCK);
    const hung = fake.hang(DISK, "size");
    const value = fake.devices.attribute(DISK, "size", 60_000);
    expect(hung.waiting).toBe(1);
    hung.release();
    expect(await value).toEqual(new Uint8Array([0x38]));
    expect(await fake.devices.attribute(DISK, "size", 60_000)).toEqual(new Uint8Array([0x38]));
  });

  test("are given up without waiting when told to", async () => {
    fake.plug(DISK, BLOCK);
    const hung = fake.hang(DISK, "size");
    const value = fake.devices.attribute(DISK, "size", 60_000);
    hung.timeOut();
    expect(await value).toBeUndefined();
  });
});

describe("what fails on demand", () => {
  test.each(["openSource", "openTarget", "openDirectory"] as const)("%s, once", (operation) => {
    const error = new KernelError("NO_PRIVILEGE", "no", "ask root");
    const box = fake.container();
    const calls = {
      openSource: () => fake.openSource({ group: "kernel", onBatch: () => {} }),
      openTarget: () => fake.openTarget({ pid: box.pid }),
      openDirectory: () => fake.openDirectory("/run/a", { uid: 0, gid: 0 }),
    };
    fake.fail(operation, error);
    expect(calls[operation]).toThrow(error);
    calls[operation]().close();
  });

  test("a target that ends while it is opened is gone", () => {
    const box = fake.container();
    fake.during("openTarget", () => box.end());
    expect(() => fake.openTarget({ pid: box.pid })).toThrow(expect.objectContaining({ code: "TARGET_GONE" }));
  });

  test("a socket that is seen before bind is complete is gone, then there", () => {
    const folder = fake.directory("/run/a");
    const { inode, complete } = bindSlowly(folder);
    const directory = fake.openDirectory("/run/a", { uid: 0, gid: 0 });
    const entry = { name: "a.sock", inode };
    expect([directory.list(9).entries, directory.connect(entry)]).toEqual([[{ ...entry, born: inode }], "gone"]);
    complete();
    expect(directory.connect(entry)).toBeTypeOf("object");
  });
});

describe("time", () => {
  test("run() does everything at once, in the same order each time", () => {
    const heard = listenTo(fake);
    fake.plug(DISK, BLOCK);
    expect(heard).toEqual([]);
    fake.run();
    expect(heard).toHaveLength(1);
  });

  test("idle() waits for what promises bring", async () => {
    const box = fake.container();
    const heard = listenTo(fake);
    const plugWhenItEnds = async (): Promise<void> => {
      await fake.openTarget({ pid: box.pid }).ended;
      await fake.devices.enumerate();
      fake.plug(DISK, BLOCK);
    };
    void plugWhenItEnds();
    box.end();
    await fake.idle();
    expect(heard).toHaveLength(1);
  });

  test("a pid may be used again when its process ended", () => {
    const first = fake.container({ pid: 42 });
    expect(() => fake.container({ pid: 42 })).toThrow("running");
    first.end();
    const second = fake.container({ pid: 42 });
    expect(fake.openTarget({ pid: 42 }).netns).toBe(second.netns.inode);
  });
});

function bindSlowly(folder: ReturnType<FakeKernel["directory"]>): { inode: bigint; complete: () => void } {
  const listener = folder.bind("a.sock", { binding: true });
  return { inode: listener.inode, complete: () => listener.complete() };
}
