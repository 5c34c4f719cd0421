import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { temporaryDirectory } from "../../../test/real/temporary.js";
import { KnownDevice } from "../src/known-device.js";
import { ghostOf } from "../src/recall.js";
import { Tree } from "../src/tree.js";
import { LOOP0, disk, latin1 } from "./scene.js";

const MOVED = "/devices/virtual/block/loop9";

test.each([
  ["changed", LOOP0, (kernel: FakeKernel) => kernel.change(LOOP0, { extras: { FIRST: "1" } }), 2],
  ["changed and moved", MOVED, changeAndMove, 3],
] as const)(
  "what was said of a device that %s before it changed once more is not taken for what it is now",
  async (_what, devpath, say, room) => {
    using place = temporaryDirectory();
    const kernel = new FakeKernel();
    kernel.plug(LOOP0, disk(0));
    const listener = kernel.directory("/run/box").bind("a.sock", { queue: room });
    const start = async () => {
      const relay = await openRelay({ kernel, runtimeDir: "/run", stateDir: place.path });
      await relay.attach({ name: "box", allow: ["subsystem=block"], deliver: { socket: "/run/box" } });
      await kernel.idle();
      return relay;
    };
    await start();
    say(kernel); // the last for which there is room
    kernel.change(devpath, { properties: { MOOD: "good" } });
    await kernel.idle();
    kernel.kill();
    expect(listener.readAll()).toHaveLength(room);
    await using _ = await start();
    expect(latin1(listener.read() ?? new Uint8Array())).toContain("MOOD=good");
  },
);

test.each([
  ["the kernel's", undefined, "loop0"],
  ["one of its own", "b/disk", "b/disk"],
])("a device that is there no more goes by the name that it had in the container: %s", (_, named, name) => {
  const was = { devpath: LOOP0, incarnation: "1", subsystem: "block", state: "MAJOR=7\0DEVNAME=loop0\0" };
  expect(ghostOf(was, named).properties).toEqual(
    new Map([
      ["MAJOR", "7"],
      ["DEVNAME", name],
    ]),
  );
});

test("it is of its network namespace, and below what it was below", () => {
  const card = new KnownDevice("/devices/pci0/card", "pci", "", "2");
  const tree = new Tree();
  const port = new KnownDevice("/devices/pci0/card/net/eth0", "net", "", "3", 7n);
  for (const each of [card, port]) tree.add(each);
  expect(ghostOf(port)).toMatchObject({ netns: 7n, parent: card });
});

function changeAndMove(kernel: FakeKernel): void {
  kernel.change(LOOP0, { properties: { SIZE: "8" } });
  kernel.move(LOOP0, MOVED);
}
