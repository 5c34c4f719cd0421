import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const said = (datagrams: Uint8Array[]) => datagrams.map((bytes) => latin1(bytes).split("\0")[0]);

const LOOP0 = "/devices/virtual/block/loop0";
const LOOP1 = "/devices/virtual/block/loop1";
const disk = (minor: string) => ({
  subsystem: "block",
  properties: { MAJOR: "7", MINOR: minor, DEVNAME: `loop${minor}`, DEVTYPE: "disk" },
});

test("a listener hears its device and no other, after the coldplug", async () => {
  const kernel = new FakeKernel();
  kernel.plug(LOOP0, disk("0"));
  await using relay = await openRelay({ kernel, runtimeDir: "/run/uevent-bridge" });
  const box = await relay.attach({ name: "box", allow: [LOOP0, LOOP1], deny: [LOOP1] });
  const listener = kernel.directory("/run/uevent-bridge/box").bind("a.sock");
  await kernel.idle();
  kernel.plug(LOOP1, disk("1"));
  kernel.change(LOOP0);
  kernel.unplug(LOOP0);
  await relay.settle();
  await kernel.idle();
  expect(said(listener.readAll())).toEqual([`add@${LOOP0}`, `change@${LOOP0}`, `remove@${LOOP0}`]);
  expect(await box.devices()).toEqual([]);
});
