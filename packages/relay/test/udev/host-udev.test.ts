import { KernelError } from "@uevent-bridge/kernel";
import type { Source } from "@uevent-bridge/kernel";
import { decode, decodeUdev, encodeUdev, isMalformed } from "@uevent-bridge/uevent";
import { expect, test, vi } from "vitest";

import { LOOP0, LOOP1, disk, openScene } from "../scene.js";
import type { Scene } from "../scene.js";

const LOOP2 = "/devices/virtual/block/loop2";

/** A container whose programs of libudev are told, on a host where udevd runs, and what udevd hears of the kernel. */
async function openUdevScene(udevMs?: number) {
  const scene = await openScene({ udev: true, ...(udevMs !== undefined && { limits: { udevMs } }) });
  const own = scene.kernel.container();
  const reader = own.reader({ group: "udev" });
  const host = scene.kernel.container({ netns: "host" }).reader();
  const box = await scene.attach({ pid: own.pid, allow: ["subsystem=block|net"], deliver: { netlink: "udev" } });
  await scene.rest();
  reader.readAll();
  return { scene, box, own, reader, seqnums: () => host.readAll().map(seqnumOf) };
}

function seqnumOf(bytes: Uint8Array): bigint {
  const event = decode(bytes);
  return (isMalformed(event) ? undefined : event.seqnum) ?? 0n;
}

/** udevd has written what it knows, and passes an event on. */
function udevd(scene: Scene, seqnum: bigint, devpath: string, serial?: string): void {
  if (serial !== undefined) scene.kernel.udev(devpath, { properties: new Map([["ID_SERIAL", serial]]) });
  const bytes = encodeUdev([
    ["ACTION", "change"],
    ["DEVPATH", devpath],
    ["SUBSYSTEM", "block"],
    ["SEQNUM", `${seqnum}`],
  ]);
  scene.kernel.emit(bytes, { to: "udev", portId: 99, groups: 2, pid: 99 });
}

function told(datagrams: readonly Uint8Array[]): string[] {
  return datagrams.map((bytes) => {
    const message = decodeUdev(bytes);
    if (isMalformed(message)) throw new Error(message.malformed);
    const { action, devpath, env } = message;
    return `${action}@${devpath} ${env.get("ID_SERIAL") ?? "-"}`;
  });
}

test("an event waits for what udevd makes of it, with all at its path; others go on", async () => {
  const { scene, reader, seqnums } = await openUdevScene();
  await using _scene = scene;
  scene.kernel.plug(LOOP2, disk(2));
  scene.kernel.plug(`${LOOP2}/loop2p1`, disk(3));
  scene.kernel.change(LOOP0);
  await scene.kernel.idle();
  const [added = 0n, part = 0n, changed = 0n] = seqnums();
  expect(told(reader.readAll())).toEqual([]);
  udevd(scene, changed, LOOP0, "zero");
  const heard: string[] = [];
  await expect
    .poll(() => {
      heard.push(...told(reader.readAll()));
      return heard;
    })
    .toEqual([`change@${LOOP0} zero`]);
  udevd(scene, part, `${LOOP2}/loop2p1`, "part");
  await scene.kernel.idle();
  expect(told(reader.readAll())).toEqual([]);
  udevd(scene, added, LOOP2, "two");
  await scene.rest();
  expect(told(reader.readAll())).toEqual([`add@${LOOP2} two`, `add@${LOOP2}/loop2p1 part`]);
});

test("where the system refuses to say whether udevd runs, it is believed as before, and asked again", async () => {
  const { scene, reader, seqnums } = await openUdevScene();
  await using _scene = scene;
  const now = performance.now();
  const runs = vi.spyOn(scene.kernel, "udevRuns").mockImplementation(() => {
    throw new KernelError("SYSTEM_REFUSED", "no memory", "free some");
  });
  vi.spyOn(performance, "now").mockReturnValue(now + 5000);
  scene.kernel.change(LOOP0);
  await scene.kernel.idle();
  expect([runs.mock.calls.length > 0, told(reader.readAll())]).toEqual([true, []]); // udevd is waited for
  udevd(scene, seqnums()[0] ?? 0n, LOOP0, "zero");
  await scene.rest();
  expect(told(reader.readAll())).toEqual([`change@${LOOP0} zero`]);
});

test("what udevd does not say in time is told without, and as a change when it comes", async () => {
  const { scene, reader, seqnums } = await openUdevScene(20);
  await using _scene = scene;
  scene.kernel.plug(LOOP2, disk(2));
  await scene.kernel.idle();
  const [added = 0n] = seqnums();
  await new Promise((resolve) => setTimeout(resolve, 60));
  await scene.rest();
  expect(told(reader.readAll())).toEqual([`add@${LOOP2} -`]);
  udevd(scene, added, LOOP2, "late");
  await scene.rest();
  expect(told(reader.readAll())).toEqual([`change@${LOOP2} late`]);
});

test("a device of which a rule learns later is told when udevd has said what it makes of it", async () => {
  const { scene, reader, seqnums, box } = await openUdevScene();
  await using _scene = scene;
  await box.setPolicy({ allow: [LOOP0] });
  await scene.rest();
  reader.readAll();
  scene.kernel.plug(LOOP2, disk(2));
  await scene.kernel.idle();
  await box.allow(LOOP2);
  await scene.kernel.idle();
  expect(told(reader.readAll())).toEqual([]);
  udevd(scene, seqnums()[0] ?? 0n, LOOP2, "two");
  await scene.rest();
  expect(told(reader.readAll())).toEqual([`add@${LOOP2} two`]);
});

test("a removed device is told with what was known of it, which udevd has forgotten", async () => {
  const { scene, reader, seqnums } = await openUdevScene();
  await using _scene = scene;
  scene.kernel.change(LOOP1);
  await scene.kernel.idle();
  udevd(scene, seqnums()[0] ?? 0n, LOOP1, "one");
  await scene.rest();
  reader.readAll();
  scene.kernel.unplug(LOOP1);
  await scene.kernel.idle();
  udevd(scene, seqnums()[0] ?? 0n, LOOP1);
  await scene.rest();
  expect(told(reader.readAll())).toEqual([`remove@${LOOP1} one`]);
});

test("what udevd said and was lost is not waited for, and taken when it comes still", async () => {
  const { scene, reader, seqnums } = await openUdevScene();
  await using _scene = scene;
  scene.kernel.plug(LOOP2, disk(2));
  await scene.kernel.idle();
  const [added = 0n] = seqnums();
  scene.kernel.overrun();
  await scene.rest();
  expect(told(reader.readAll()).at(-1)).toBe(`add@${LOOP2} -`);
  udevd(scene, added, LOOP2, "two");
  await scene.rest();
  expect(told(reader.readAll())).toEqual([`change@${LOOP2} two`]);
});

test("of a container's own net devices the host's udevd says nothing: they do not wait for it", async () => {
  const { scene, own, reader } = await openUdevScene();
  await using _scene = scene;
  scene.kernel.plug("/devices/virtual/net/veth0", { subsystem: "net", netns: own });
  await scene.kernel.idle();
  expect(told(reader.readAll())).toEqual(["add@/devices/virtual/net/veth0 -"]);
});

test("sockets and the kernel's group wait for nobody", async () => {
  await using scene = await openScene({ udev: true });
  const own = scene.kernel.container();
  const kernel = own.reader();
  await scene.attach({ pid: own.pid, allow: [LOOP2], deliver: { socket: true, netlink: "both" } });
  const listener = scene.listen();
  await scene.rest();
  scene.kernel.plug(LOOP2, disk(2));
  await scene.kernel.idle();
  expect([kernel.readAll().length, listener.readAll().length]).toEqual([1, 1]);
});

test("a relay that is closed hears the host's udevd no longer", async () => {
  const scene = await openScene({ udev: true });
  const open = vi.spyOn(scene.kernel, "openSource");
  await scene.attach({ allow: ["tag=x"] });
  const closes = open.mock.results.map(({ value }) => vi.spyOn(value as Source, "close"));
  expect(closes).toHaveLength(1);
  await scene.relay.close();
  expect(closes[0]).toHaveBeenCalledOnce();
});

test("whether udevd runs is looked for once somebody hears of it, and not with each event", async () => {
  await using scene = await openScene({ udev: true });
  const [look, open] = [vi.spyOn(scene.kernel, "udevRuns"), vi.spyOn(scene.kernel, "openSource")];
  const { pid } = scene.kernel.container();
  await scene.attach({ allow: [LOOP0] });
  look.mockClear();
  scene.kernel.change(LOOP0);
  await scene.rest();
  expect(look).not.toHaveBeenCalled();
  await scene.attach({ name: "udev", pid, deliver: { netlink: "udev" } }); // it sees nothing yet
  expect(open).toHaveBeenCalledWith(expect.objectContaining({ group: "udev" }));
  look.mockClear();
  for (let times = 0; times < 10; times++) scene.kernel.change(LOOP0);
  await scene.rest();
  expect(look).not.toHaveBeenCalled();
});
