import { readdirSync } from "node:fs";
import { join } from "node:path";

import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { openRelay as openOuter } from "@uevent-bridge/relay";
import { describe, expect, test, vi } from "vitest";

import { needs } from "../../../../test/needs.js";
import { FakeRelay } from "../../../listener/test/support/fake-relay.js";
import { openRelay } from "../../src/index.js";
import { FakeIo } from "../fake-io.js";
import { LOOP0, LOOP1, smallMachine } from "../machine.js";
import { openNest } from "./nest.js";
import { newPlace, withRealSockets } from "./outside.js";

const LOOP2 = "/devices/virtual/block/loop2";
const loop2 = { subsystem: "block", properties: { DEVNAME: "loop2", DISKSEQ: "7" } };
const BLOCK = ["subsystem=block"];

describe("a relay in a container", needs("unix-dgram"), () => {
  test("knows the devices that the relay outside tells, whatever /sys shows", async () => {
    await using nest = await openNest({ kernel: smallMachine(), allow: ["/devices/**"], outer: [LOOP0] });
    expect((await nest.relay.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0]);
    expect((await nest.inner.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0]);
  });

  test("tells what both policies let in, byte for byte but for SEQNUM", async () => {
    const kernel = smallMachine();
    await using nest = await openNest({ kernel, allow: [LOOP0, LOOP2], outer: [LOOP0, LOOP1] });
    expect(await nest.hears(1)).toEqual([`add@${LOOP0}`]);
    const said = nest.hears(1);
    for (const devpath of [LOOP1, LOOP0]) kernel.change(devpath, { extras: { DISK_MEDIA_CHANGE: "1" } });
    expect(await said).toEqual([`change@${LOOP0}`]);
    const pairs = ["MAJOR=7", "MINOR=0", "DEVNAME=loop0", "DEVTYPE=disk"];
    const event = ["ACTION=change", `DEVPATH=${LOOP0}`, "SUBSYSTEM=block", "DISK_MEDIA_CHANGE=1", ...pairs, "SEQNUM=2"];
    expect(Buffer.from(nest.datagrams[1]!).toString("latin1")).toBe(`change@${LOOP0}\0${event.join("\0")}\0`);
  });

  test("follows the policy outside", async () => {
    const kernel = smallMachine();
    await using nest = await openNest({ kernel, allow: BLOCK });
    const box = await nest.start(LOOP0);
    expect(await nest.hears(1)).toEqual([`add@${LOOP0}`]);
    void box.allow(LOOP1);
    expect(await nest.hears(1)).toEqual([`add@${LOOP1}`]);
    void box.deny(LOOP0);
    expect(await nest.hears(1)).toEqual([`remove@${LOOP0}`]);
  });

  test("asks attributes of /sys", async () => {
    const kernel = smallMachine();
    kernel.plug(LOOP2, { ...loop2, attributes: { ro: "1" } });
    await using nest = await openNest({ kernel, allow: ["attr:ro=1"], outer: BLOCK });
    expect(await nest.hears(1)).toEqual([`add@${LOOP2}`]);
  });

  test("takes what was told of a device for the device where /sys does not show it", async () => {
    const kernel = smallMachine();
    await using nest = await openNest({ kernel, inside: new FakeKernel(), allow: BLOCK, outer: BLOCK });
    expect(await nest.hears(2)).toEqual([`add@${LOOP0}`, `add@${LOOP1}`]);
    const [device] = await nest.inner.devices();
    expect(device).toMatchObject({ devname: "/dev/loop0", number: { type: "block", major: 7, minor: 0 } });
    const said = nest.hears(2);
    kernel.unplug(LOOP0);
    kernel.change(LOOP1);
    expect(await said).toEqual([`remove@${LOOP0}`, `change@${LOOP1}`]);
  });
});

describe("after the relay outside came back, a container in the container is told", needs("unix-dgram"), () => {
  const restarted = async (meanwhile: (kernel: FakeKernel) => void): Promise<readonly string[]> => {
    const kernel = smallMachine();
    kernel.plug(LOOP2, loop2);
    await using nest = await openNest({ kernel, allow: BLOCK, outer: BLOCK });
    await nest.hears(3);
    await nest.stop();
    meanwhile(kernel);
    await kernel.idle();
    const holed = new Promise<void>((resolve) => nest.relay.once("gap", () => resolve()));
    const before = nest.heard().length;
    await nest.start("/devices/**");
    await holed;
    await nest.relay.settle();
    const marked = vi.waitUntil(() => nest.heard().includes(`change@${LOOP1}`), { timeout: 5000 });
    kernel.change(LOOP1);
    await marked;
    return nest.heard().slice(before, -1);
  };

  test.each<[string, (kernel: FakeKernel) => void, readonly string[]]>([
    ["nothing, if nothing happened", () => {}, []],
    ["what went", (kernel) => kernel.unplug(LOOP0), [`remove@${LOOP0}`]],
    ["what came", (kernel) => kernel.plug(`${LOOP2}/loop2p1`, { subsystem: "block" }), [`add@${LOOP2}/loop2p1`]],
    ["what changed", (kernel) => kernel.change(LOOP2, { properties: { DISKSEQ: "8" } }), [`change@${LOOP2}`]],
    [
      "that a device is another one, although it looks the same",
      (kernel) => {
        kernel.unplug(LOOP2);
        kernel.plug(LOOP2, loop2);
      },
      [`remove@${LOOP2}`, `add@${LOOP2}`],
    ],
    [
      "where one is now",
      (kernel) => kernel.move(LOOP2, `${LOOP2}0`),
      [`add@${LOOP2}0`, `remove@${LOOP2}`], // the new one comes with the coldplug, the old one is missing at its end
    ],
  ])("%s", async (_, meanwhile, told) => {
    expect(await restarted(meanwhile)).toEqual(told);
  });
});

describe("a relay in a container", needs("unix-dgram"), () => {
  test("keeps what was told while there is no relay outside", async () => {
    const kernel = smallMachine();
    await using nest = await openNest({ kernel, allow: BLOCK, outer: BLOCK });
    await nest.hears(2);
    await nest.stop();
    kernel.unplug(LOOP0);
    await kernel.idle();
    await nest.relay.settle();
    expect((await nest.inner.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0, LOOP1]);
  });

  test("tells nothing of what is no event, whoever of the container says it", async () => {
    const kernel = smallMachine();
    await using nest = await openNest({ kernel, allow: ["/devices/**"], outer: BLOCK });
    await nest.hears(2);
    using liar = new FakeRelay(nest.box);
    const two = "add@/devices/a\0ACTION=remove\0DEVPATH=/devices/b\0SUBSYSTEM=block\0SEQNUM=1\0";
    const above = "add@/devices/../a\0ACTION=add\0DEVPATH=/devices/../a\0SUBSYSTEM=block\0SEQNUM=1\0";
    await liar.send(Buffer.from("garbage"));
    for (const lie of ["", "add@", two, above]) await liar.say({ kind: "event", seq: 3, bytes: Buffer.from(lie) });
    kernel.change(LOOP0);
    expect(await nest.hears(1)).toEqual([`change@${LOOP0}`]);
    expect((await nest.relay.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0, LOOP1]);
  });

  test("leaves nothing in the directory", async () => {
    using place = newPlace();
    await using outside = await openOuter({ kernel: withRealSockets(smallMachine()), runtimeDir: place.runtimeDir });
    await outside.attach({ name: "box", deliver: { socket: place.box } });
    const relay = await openRelay({ kernel: withRealSockets(new FakeKernel()), from: place.box });
    expect(readdirSync(place.box)).toHaveLength(1);
    await relay.close();
    expect(readdirSync(place.box)).toEqual([]);
  });

  test("that cannot be opened leaves nothing there either", async () => {
    using place = newPlace();
    const kernel = withRealSockets(new FakeKernel());
    kernel.openSender = () => {
      throw new Error("of the test");
    };
    await expect(openRelay({ kernel, from: place.box })).rejects.toThrow("of the test");
    expect(readdirSync(place.box)).toEqual([]);
  });

  test("without the directory says where it looked", async () => {
    const from = "/no/such/directory";
    await expect(openRelay({ kernel: new FakeKernel(), from })).rejects.toMatchObject({
      code: "PATH_UNUSABLE",
      message: expect.stringContaining(from) as string,
    });
  });
});

describe("--from", needs("unix-dgram"), () => {
  test("attach tells a container in the container, monitor shows what is said to this one", async () => {
    const kernel = smallMachine();
    const openKernel = () => Promise.resolve(withRealSockets(kernel));
    using outside = Object.assign(new FakeIo(), { openKernel });
    using inside = Object.assign(new FakeIo(), { openKernel });
    using watching = Object.assign(new FakeIo(), { openKernel });
    const attach = outside.run("attach", "box", "--allow", LOOP0);
    await outside.stderr.until(/box: .*\n/);
    const from = join(outside.runtime.directory, "box");
    const nested = inside.run("attach", "inner", "--from", from, "--allow", "subsystem=block", "--json");
    const monitor = watching.run("monitor", "--from", from, "--json");
    await Promise.all([inside.stderr.until(/inner: .*\n/), watching.stderr.until("listening")]);
    for (const devpath of [LOOP1, LOOP0]) kernel.change(devpath);
    await Promise.all([inside.stdout.until(LOOP0), watching.stdout.until(LOOP0)]);
    const told = { type: "event", action: "change", devpath: LOOP0 };
    expect([inside.stdout.json(), watching.stdout.json()]).toMatchObject([[told], [told]]);
    for (const io of [watching, inside, outside]) io.interrupt();
    expect(await Promise.all([monitor, nested, attach])).toEqual([0, 0, 0]);
  });
});
