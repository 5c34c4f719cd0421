import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Gap } from "@uevent-bridge/relay";

import { LOOP0, LOOP1, disk, headers, openScene, seqnums } from "./scene.js";

test("what the kernel lost is said, and the truth is told", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: ["subsystem=block"] });
  const gaps: Gap[] = [];
  const resyncs: unknown[] = [];
  scene.relay.on("gap", (gap) => gaps.push(gap));
  box.on("resync", (change) => resyncs.push(change));
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  scene.kernel.unplug(LOOP0, { silent: true });
  scene.kernel.plug(LOOP0, { ...disk(0), silent: true });
  scene.kernel.unplug(LOOP1, { silent: true });
  scene.kernel.overrun();
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`remove@${LOOP0}`, `remove@${LOOP1}`, `add@${LOOP0}`]);
  expect(gaps).toEqual([{ kind: "gap", lost: "unknown", where: "kernel" }]);
  expect(resyncs).toEqual([{ added: [LOOP0], removed: [LOOP0, LOOP1] }]);
  scene.kernel.overrun();
  await scene.rest();
  expect([gaps.length, resyncs.length]).toEqual([2, 1]); // nothing is told where nothing has changed
});

test("settle during a resync loses nothing that came after /sys was read", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: ["subsystem=block"] });
  await scene.rest();
  scene.kernel.during("enumerate", () =>
    queueMicrotask(() => scene.kernel.plug("/devices/virtual/block/loop9", disk(9))),
  );
  scene.kernel.overrun();
  scene.kernel.change(LOOP0);
  await scene.kernel.idle();
  await scene.relay.settle();
  await scene.rest();
  expect((await box.devices()).map(({ devpath }) => devpath)).toContain("/devices/virtual/block/loop9");
});

test("who waits until all is told waits until /sys has been read", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: ["subsystem=block"] });
  let isRead = false;
  scene.kernel.unplug(LOOP1, { silent: true });
  scene.kernel.during("enumerate", () => void (isRead = true));
  scene.kernel.overrun();
  scene.kernel.change(LOOP0);
  scene.kernel.run();
  await scene.relay.settle();
  expect([isRead, (await box.devices()).map(({ devpath }) => devpath)]).toEqual([true, [LOOP0]]);
});

test("a listener that stalls loses, is told how much, and then the truth; another is not delayed", async () => {
  await using scene = await openScene({ limits: { waitingBytes: 1000 } });
  const box = await scene.attach({ allow: ["subsystem=block"] });
  const gaps: Gap[] = [];
  box.on("gap", (gap) => gaps.push(gap));
  const stalled = scene.listen("stalled.sock", { queue: 2 });
  const lively = scene.listen("lively.sock");
  await vi.waitUntil(() => stalled.waiting > 0 && lively.waiting > 0, { timeout: 10_000 }); // newcomers are told one after the other
  await scene.rest();
  for (let i = 0; i < 30; i++) {
    scene.kernel.change(LOOP0, { extras: { COUNT: `${i}` } }); // of which none can stand for another
    await scene.kernel.idle();
  }
  scene.kernel.unplug(LOOP1);
  await scene.rest();
  expect(headers(lively.readAll()).filter((header) => header.startsWith("change"))).toHaveLength(30);
  const heard: Uint8Array[] = [];
  for (let more = stalled.readAll(); more.length > 0; more = stalled.readAll()) {
    heard.push(...more);
    await scene.rest();
  }
  const numbers = seqnums(heard);
  const lost = (numbers.at(-1) ?? 0) - heard.length;
  expect(lost).toBeGreaterThan(0);
  expect(gaps).toEqual([{ kind: "gap", lost, where: "listener" }]);
  expect(headers(heard).slice(-2)).toEqual([`remove@${LOOP1}`, `change@${LOOP0}`]);
});

describe("a container's own netlink", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  async function openNetlink(options: { readonly coldplug?: boolean } = {}) {
    const scene = await openScene();
    const container = scene.kernel.container();
    const deliver = { netlink: "kernel" } as const;
    const box = await scene.attach({ pid: container.pid, allow: ["subsystem=block"], deliver, ...options });
    return { scene, container, box };
  }

  test("a reader that comes late gets its coldplug", async () => {
    const { scene, container } = await openNetlink();
    const reader = container.reader();
    await vi.advanceTimersByTimeAsync(300);
    expect(headers(reader.readAll())).toEqual([`add@${LOOP0}`, `add@${LOOP1}`]);
    await scene.relay.close();
  });

  test("with coldplug off a reader that comes late is told only what happens", async () => {
    const { scene, container } = await openNetlink({ coldplug: false });
    const reader = container.reader();
    await vi.advanceTimersByTimeAsync(300);
    scene.kernel.change(LOOP0);
    await vi.advanceTimersByTimeAsync(300);
    expect(headers(reader.readAll())).toEqual([`change@${LOOP0}`]);
    await scene.relay.close();
  });

  test("a coldplug that is larger than a reader's buffer is paced by what it reads", async () => {
    const { scene, container } = await openNetlink();
    for (let i = 2; i < 400; i++) scene.kernel.plug(`/devices/virtual/block/loop${i}`, disk(i));
    await scene.kernel.idle();
    const reader = container.reader({ receiveBuffer: 212_992 });
    const heard: Uint8Array[] = [];
    for (let ms = 0; ms < 2000 && heard.length < 400; ms += 5) {
      await vi.advanceTimersByTimeAsync(5);
      heard.push(...reader.readAll());
    }
    expect(reader.overruns).toBe(0);
    expect(new Set(headers(heard)).size).toBe(400);
    await scene.relay.close();
  });

  test("a reader that never reads keeps nobody waiting for longer than its time", async () => {
    const { scene, container } = await openNetlink();
    container.reader({ receiveBuffer: 4000 });
    const lively = container.reader();
    await vi.advanceTimersByTimeAsync(300);
    for (let i = 0; i < 300; i++) scene.kernel.change(LOOP0);
    await scene.kernel.idle();
    await vi.advanceTimersByTimeAsync(3000);
    lively.readAll();
    scene.kernel.change(LOOP1);
    await scene.kernel.idle();
    await vi.advanceTimersByTimeAsync(10);
    expect(headers(lively.readAll())).toContain(`change@${LOOP1}`);
    await scene.relay.close();
  });

  test("a container settles while another one's reader keeps its own waiting", async () => {
    const { scene, container, box } = await openNetlink();
    container.reader({ receiveBuffer: 200_000 });
    await vi.advanceTimersByTimeAsync(300);
    for (let i = 0; i < 300; i++) scene.kernel.change(LOOP0);
    await scene.kernel.idle();
    const deliver = { netlink: "kernel" } as const;
    const other = await scene.attach({ name: "other", pid: scene.kernel.container().pid, allow: [LOOP0], deliver });
    let isSettled = false;
    void box.settle().then(() => (isSettled = true));
    await other.settle();
    expect(isSettled).toBe(false); // it can tell
    await scene.relay.close();
  });

  test("what a reader lost is said, and nothing before", async () => {
    const { scene, container, box } = await openNetlink();
    const gaps: Gap[] = [];
    box.on("gap", (gap) => gaps.push(gap));
    container.reader({ receiveBuffer: 5000 });
    await vi.advanceTimersByTimeAsync(300);
    for (let i = 0; i < 20; i++) scene.kernel.change(LOOP0);
    await scene.kernel.idle();
    await vi.advanceTimersByTimeAsync(300);
    expect(gaps.map(({ lost, where }) => [where, Number(lost) > 0])).toEqual([["container", true]]);
    await scene.relay.close();
  });

  test("what a reader knows wrongly is put right where a move took it along", async () => {
    const [from, to] = ["/devices/virtual/misc/a", "/devices/virtual/misc/b"] as const;
    const scene = await openScene();
    const container = scene.kernel.container();
    for (const devpath of [from, `${from}/below`]) scene.kernel.plug(devpath, { subsystem: "misc" });
    await scene.kernel.idle();
    await scene.attach({ pid: container.pid, allow: ["subsystem=misc"], deliver: { netlink: "kernel" } });
    const reader = container.reader({ receiveBuffer: 5000 });
    await vi.advanceTimersByTimeAsync(300);
    expect(headers(reader.readAll())).toEqual([`add@${from}`, `add@${from}/below`]);
    for (let i = 0; i < 10; i++) scene.kernel.change(from);
    scene.kernel.unplug(`${from}/below`);
    await scene.kernel.idle();
    expect(headers(reader.readAll())).not.toContain(`remove@${from}/below`);
    scene.kernel.move(from, to);
    await scene.kernel.idle();
    expect(headers(reader.readAll())).toEqual([`move@${to}`]); // and its child, by what it knows
    await vi.advanceTimersByTimeAsync(300);
    expect(headers(reader.readAll())).toContain(`remove@${to}/below`);
    await scene.relay.close();
  });

  test("an event that is too long for it takes none with it that comes behind", async () => {
    const { scene, container } = await openNetlink();
    const reader = container.reader();
    await vi.advanceTimersByTimeAsync(300);
    reader.readAll();
    scene.kernel.change(LOOP0, { extras: { LONG: "x".repeat(1990) } });
    scene.kernel.change(LOOP1);
    scene.kernel.change(LOOP0);
    await scene.kernel.idle();
    await vi.advanceTimersByTimeAsync(300);
    expect(headers(reader.readAll())).toEqual([`change@${LOOP1}`, `change@${LOOP0}`]);
    await scene.relay.close();
  });

  test("an event that is too long for it is warned of by name", async () => {
    const { scene, box } = await openNetlink();
    const warning = new Promise<Error>((resolve) => void box.once("warning", resolve));
    scene.kernel.change(LOOP0, { extras: { LONG: "x".repeat(1990) } });
    await scene.kernel.idle();
    expect(await warning).toMatchObject({
      code: "EVENT_TOO_LONG",
      message: expect.stringContaining(`change@${LOOP0}`) as string,
    });
    await scene.relay.close();
  });
});

test("a listener that reads in bursts loses nothing to many that never read", async () => {
  await using scene = await openScene({ limits: { waitingBytes: 1000 } });
  const box = await scene.attach({ allow: [LOOP0] });
  const gaps: Gap[] = [];
  box.on("gap", (gap) => gaps.push(gap));
  for (let i = 0; i < 20; i++) scene.listen(`mute${i}.sock`, { queue: 1 });
  const late = [scene.listen("late.sock", { queue: 2 }), scene.listen("late.msgpack.sock", { queue: 2 })] as const;
  await scene.rest();
  await vi.waitUntil(() => late.every(({ waiting }) => waiting > 0), { timeout: 10_000 }); // newcomers are told one after the other
  for (const listener of late) listener.readAll();
  const change = async () => {
    scene.kernel.change(LOOP0);
    await scene.kernel.idle();
  };
  for (let i = 0; i < 30; i++) {
    await change(); // what may wait for each mute one is spent
    for (const listener of late) listener.readAll();
  }
  for (let i = 0; i < 5; i++) await change(); // more than its socket holds
  const heard: Uint8Array[] = [];
  for (let more = late[0].readAll(); more.length > 0; more = late[0].readAll()) {
    heard.push(...more);
    await scene.rest();
  }
  expect(seqnums(heard)).toEqual([32, 33, 34, 35, 36]);
  expect(gaps).toEqual([]);
});
