import type { DeviceDirectory, DeviceEntry } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { FakeContainer } from "@uevent-bridge/kernel/testing";
import { beforeEach, describe, expect, test } from "vitest";

const DEV = "/run/box.dev";
const OWNER = { uid: 100_000, gid: 100_000 };
const NODE: DeviceEntry = { kind: "node", type: "char", major: 13, minor: 67, mode: 0o660, ...OWNER };
const ZERO = { type: "char", major: 1, minor: 5 } as const;

let fake: FakeKernel;
let box: FakeContainer;

beforeEach(() => {
  fake = new FakeKernel();
  box = fake.container();
});

describe("a container's /dev", () => {
  test("is looked into by where it was opened, or by what the container has", async () => {
    const directory = fake.openDeviceDirectory(DEV, OWNER);
    directory.put("input/event3", NODE);
    await fake.openTarget({ pid: box.pid }).placeDevices(directory);
    expect(box.dev).not.toBe(DEV);
    for (const path of [DEV, box.dev ?? ""]) expect(fake.deviceDirectory(path)?.get("input/event3")).toEqual(NODE);
    expect(fake.deviceDirectory("/run/other.dev")).toBeUndefined();
  });

  test("is placed and taken back, unless an engine bound it there", async () => {
    const directory = fake.openDeviceDirectory(DEV, OWNER);
    const target = fake.openTarget({ pid: box.pid });
    const takeBack = await target.placeDevices(directory);
    expect([box.dev, await target.placeDevices(directory)]).toEqual([directory.path, undefined]);
    await takeBack?.();
    expect(box.dev).toBeUndefined();
  });

  test("stays while a container has it, and goes when that has ended", () => {
    const directory = fake.openDeviceDirectory(DEV, OWNER);
    directory.put("input/event3", NODE);
    box.dev = directory.path;
    directory.close();
    expect(fake.deviceDirectory(DEV)?.get("input/event3")).toEqual(NODE);
    box.end();
    fake.openDeviceDirectory(DEV, OWNER).close();
    expect(fake.deviceDirectory(DEV)).toBeUndefined();
  });
});

describe("what a container may open", () => {
  test.each([
    ["c 1:3 rw", true],
    ["c 1:3 m", true],
    ["c 1:3 rwm", false], // no line says it all
    ["c 1:5 m", true],
    ["c 1:5 r", false],
    ["b 1:3 r", false],
  ])("%s by what its runtime says: %s", (line, may) => {
    box.cgroup.allow("c 1:3 rw", "c *:* m");
    expect(box.cgroup.mayOpen(line)).toBe(may);
  });

  test.each(["", "c 1:3", "c 1:3 x", "x 1:3 r", "c 1:3 wr", "c 1:3 ", "c -1:3 r"])("%j is no question", (line) => {
    expect(() => box.cgroup.mayOpen(line)).toThrow("not a line");
  });

  test("what is granted is listed, and there may be no room for more", () => {
    const rights = fake.openDeviceRights(box.cgroup.path);
    box.cgroup.room = 1;
    rights.grant(ZERO, "rw");
    rights.grant(ZERO, "r");
    const more = (): void => rights.grant({ ...ZERO, minor: "any" }, "r");
    expect(more).toThrow(expect.objectContaining({ code: "MAP_FULL" }));
    expect(box.cgroup.granted).toEqual(["c 1:5 r"]);
    rights.revoke(ZERO);
    more();
    expect(box.cgroup.granted).toEqual(["c 1:* r"]);
  });

  test("a cgroup of the host's is let be, and one of a pod belongs to all its containers", () => {
    const host = fake.container({ cgroup: "host" });
    const other = fake.container({ cgroup: box });
    expect(() => fake.openTarget({ pid: host.pid }).openDeviceRights()).toThrow(/a process of the host/);
    fake.openTarget({ pid: other.pid }).openDeviceRights().grant(ZERO, "rw");
    expect(box.cgroup.mayOpen("c 1:5 rw")).toBe(true);
  });

  test("its cgroup goes with it", () => {
    const rights = fake.openDeviceRights(box.cgroup.path);
    box.end();
    expect(box.cgroup.isGone).toBe(true);
    rights.grant(ZERO, "rw");
    rights.close();
    const next = fake.container({ pid: box.pid });
    fake.openDeviceRights(next.cgroup.path).grant(ZERO, "rw");
    expect([box.cgroup.granted, next.cgroup.granted]).toEqual([[], ["c 1:5 rw"]]);
  });
});

describe("what fails on demand", () => {
  const error = new KernelError("NO_PRIVILEGE", "no", "ask root");

  test.each<["put" | "grant" | "revoke" | "hold" | "openDeviceDirectory" | "openDeviceRights", () => unknown]>([
    ["put", () => fake.openDeviceDirectory(DEV, OWNER).put("a", NODE)],
    ["grant", () => fake.openDeviceRights(box.cgroup.path).grant(ZERO, "rw")],
    ["revoke", () => fake.openDeviceRights(box.cgroup.path).revoke(ZERO)],
    ["hold", () => fake.openDeviceRights(box.cgroup.path).hold()],
    ["openDeviceDirectory", () => fake.openDeviceDirectory(DEV, OWNER)],
    ["openDeviceRights", () => fake.openTarget({ pid: box.pid }).openDeviceRights()],
  ])("%s", (operation, call) => {
    fake.fail(operation, error);
    expect(call).toThrow(error);
    expect([fake.deviceDirectory(DEV)?.size ?? 0, box.cgroup.granted]).toEqual([0, []]);
  });

  test("placeDevices", async () => {
    fake.fail("placeDevices", error);
    const directory = fake.openDeviceDirectory(DEV, OWNER);
    await expect(fake.openTarget({ pid: box.pid }).placeDevices(directory)).rejects.toThrow(error);
    expect(box.dev).toBeUndefined();
  });
});

describe("when the caller is killed", () => {
  test("what it had open does nothing any more, and what it made stays for the next", () => {
    const killed = fake.openDeviceDirectory(DEV, OWNER);
    const rights = fake.openDeviceRights(box.cgroup.path);
    killed.put("input/event3", NODE);
    rights.grant(ZERO, "rw");
    fake.kill();
    afterwards(killed);
    rights.revoke(ZERO);
    rights.close();
    expect([...(fake.deviceDirectory(DEV)?.keys() ?? [])]).toEqual(["input", "input/event3"]);
    expect(box.cgroup.mayOpen("c 1:5 rw")).toBe(true);
    fake.openDeviceRights(box.cgroup.path).forgetOthers();
    fake.openDeviceDirectory(DEV, OWNER).forgetOthers();
    expect([fake.deviceDirectory(DEV)?.size, box.cgroup.mayOpen("c 1:5 rw")]).toEqual([0, false]);
  });

  function afterwards(killed: DeviceDirectory): void {
    killed.put("late", NODE);
    killed.remove("input/event3");
    killed.forgetOthers();
    killed.close();
  }

  test("its sources hear nothing, and its directories can be opened again", () => {
    let batches = 0;
    fake.openSource({ group: "kernel", onBatch: () => batches++ }).resume();
    const killed = [fake.openDirectory("/run/box", OWNER), fake.openUdevDirectory("/run/box.udev")];
    fake.kill();
    fake.plug("/devices/virtual/block/loop7", { subsystem: "block" });
    fake.run();
    expect([batches, fake.holdsProcess, fake.hasDirectory("/run/box")]).toEqual([0, false, true]);
    const next = [fake.openDirectory("/run/box", OWNER), fake.openUdevDirectory("/run/box.udev")];
    for (const each of killed) each.close();
    expect(() => fake.openUdevDirectory("/run/box.udev")).toThrow("another relay");
    for (const each of next) each.close();
    expect(fake.udevDirectory("/run/box.udev")).toBeUndefined();
  });
});
