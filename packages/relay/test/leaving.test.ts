import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { AttachOptions, Container, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { LOOP0, LOOP1, disk } from "./scene.js";

const MOVED = "/devices/virtual/block/moved0";
const HUB = "/devices/pci0/usb1/1-1";
const TTY = `${HUB}/1-1:1.0/tty/ttyACM0`;
const VIEW = { deliver: { socket: true }, dev: "auto", cgroup: "auto" } as const;
const TTY_LINE = "c 166:0 rw";

type Box = ReturnType<FakeKernel["container"]>;

describe("a device that has gone", () => {
  let kernel: FakeKernel;
  let relay: Relay;
  let [first, second]: readonly [Box?, Box?] = [];

  beforeEach(async () => {
    kernel = new FakeKernel();
    kernel.plug(LOOP0, disk(0));
    kernel.plug(LOOP1, disk(1));
    [first, second] = [kernel.container(), kernel.container()];
    relay = await openRelay({ kernel, runtimeDir: "/run/bridge" });
  });
  afterEach(() => relay.close());

  const attach = (name: string, at: Box | undefined, allow: readonly string[]): Promise<Container> =>
    relay.attach({ ...VIEW, name, pid: at?.pid, allow } as AttachOptions);
  const mayOpen = (at: Box | undefined, minor: number): boolean => at?.cgroup.mayOpen(`b 7:${minor} rw`) ?? false;

  async function rest(): Promise<void> {
    await kernel.idle();
    await relay.settle();
    await kernel.idle();
  }

  test("can be opened by no container once the first is told so, nor can the others that went with it", async () => {
    const box = await attach("first", first, ["subsystem=block"]);
    await attach("second", second, ["subsystem=block"]);
    const seen: unknown[] = [];
    box.on("forwarded", ({ action, devpath }) => {
      if (action === "remove")
        seen.push([devpath, [0, 1].map((minor) => [first, second].map((at) => mayOpen(at, minor)))]);
    });
    kernel.emit(Buffer.from("move@/devices/x\0"), { portId: 7 }); // whoever pretends holds nothing up
    for (const devpath of [LOOP0, LOOP1]) kernel.unplug(devpath);
    await rest();
    const nobody = [
      [false, false],
      [false, false],
    ];
    expect(seen).toEqual([
      [LOOP0, nobody],
      [LOOP1, nobody],
    ]);
  });

  test("can be opened by no container either where the kernel could not say that it went", async () => {
    const box = await attach("first", first, ["subsystem=block"]);
    await attach("second", second, ["subsystem=block"]);
    const seen: unknown[] = [];
    box.on("forwarded", ({ action }) => seen.push([action, mayOpen(second, 0), mayOpen(second, 1)]));
    kernel.overrun();
    for (const devpath of [LOOP0, LOOP1]) kernel.unplug(devpath);
    await rest();
    expect(seen).toEqual([
      ["remove", false, false],
      ["remove", false, false],
    ]);
  });

  test.each([
    ["another has taken its path unsaid", () => (kernel.unplug(LOOP0, { silent: true }), kernel.plug(LOOP0, disk(5)))],
    ["something has moved just before", () => (kernel.move(LOOP1, MOVED), kernel.unplug(LOOP0))],
  ])("can be opened by no container once the first is told so, also where %s", async (_, happen) => {
    const box = await attach("first", first, ["subsystem=block"]);
    await attach("second", second, ["subsystem=block"]);
    const seen: unknown[] = [];
    box.on("forwarded", ({ action, devpath }) => {
      if (action === "remove") seen.push([devpath, mayOpen(second, 0)]);
    });
    happen();
    await rest();
    expect(seen).toEqual([[LOOP0, false]]);
  });

  test("can be opened by none while what was said before waits for an attribute, and is told when that is known", async () => {
    kernel.plug("/devices/pci0/usb1", { subsystem: "usb" });
    kernel.plug(HUB, {
      subsystem: "usb",
      properties: { DEVTYPE: "usb_device", PRODUCT: "1/2/3" },
      attributes: { serial: "x" },
    });
    kernel.plug(`${HUB}/1-1:1.0`, { subsystem: "usb" });
    kernel.plug(TTY, { subsystem: "tty", properties: { MAJOR: "166", MINOR: "0", DEVNAME: "ttyACM0" } });
    await rest();
    const box = await attach("first", first, ["subsystem=tty"]);
    await attach("second", second, ["usb=1:2:y"]);
    expect(first?.cgroup.mayOpen(TTY_LINE)).toBe(true);
    const seen: unknown[] = [];
    box.on("forwarded", ({ action }) => seen.push([action, first?.cgroup.mayOpen(TTY_LINE)]));

    const hung = kernel.hang(HUB, "serial");
    kernel.change(HUB);
    kernel.change(TTY, { properties: { DEVMODE: "0600" } });
    kernel.unplug(TTY);
    await kernel.idle();
    expect([first?.cgroup.mayOpen(TTY_LINE), seen]).toEqual([false, []]);
    hung.release();
    await rest();
    expect(seen).toEqual([
      ["change", false],
      ["remove", false],
    ]);
  });

  test("is another than one that has moved away from its path before", async () => {
    const box = await attach("first", first, ["subsystem=block"]);
    const seen: unknown[] = [];
    box.on("forwarded", ({ action, devpath }) => seen.push([action, devpath, mayOpen(first, 0)]));
    kernel.move(LOOP0, MOVED);
    kernel.plug(LOOP0, disk(5));
    kernel.unplug(LOOP0);
    await rest();
    expect(seen).toEqual([
      ["move", MOVED, true],
      ["add", LOOP0, true],
      ["remove", LOOP0, true],
    ]);
    expect([0, 5].map((minor) => mayOpen(first, minor))).toEqual([true, false]);
  });

  test("is another than one that has moved away, also while its move waits for an attribute", async () => {
    const disks = { ...disk(0), attributes: { ro: "0" } };
    kernel.unplug(LOOP0);
    kernel.plug(LOOP0, disks);
    await rest();
    await attach("first", first, ["subsystem=block"]);
    await attach("second", second, ["attr:ro=1"]);
    const hung = kernel.hang(LOOP0, "ro");
    kernel.change(LOOP0);
    kernel.move(LOOP0, MOVED);
    kernel.plug(LOOP0, disk(5));
    await kernel.idle();
    kernel.unplug(LOOP0);
    await kernel.idle();
    expect(mayOpen(first, 0)).toBe(true);
    hung.release();
    await rest();
    expect([0, 5].map((minor) => mayOpen(first, minor))).toEqual([true, false]);
    const again = kernel.hang(MOVED, "ro"); // no move waits any more
    kernel.change(MOVED);
    kernel.unplug(MOVED);
    await kernel.idle();
    expect(mayOpen(first, 0)).toBe(false);
    again.release();
    await rest();
  });

  test("has not if somebody writes remove into its uevent file: it can be opened as before", async () => {
    const box = await attach("first", first, ["subsystem=block"]);
    const seen: unknown[] = [];
    box.on("forwarded", ({ action }) => seen.push([action, mayOpen(first, 0)]));
    kernel.synthetic(LOOP0, "remove");
    await rest();
    expect([seen, mayOpen(first, 0)]).toEqual([[["change", true]], true]);
  });
});
