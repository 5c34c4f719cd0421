import { setTimeout as sleep } from "node:timers/promises";

import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { LOOP2, Stage } from "./replay-stage.js";
import { LOOP0, LOOP1, disk, headers, latin1 } from "./scene.js";

/** Events that the kernel gives at once. */
const BATCH = 64;
/** What a listener's own queue holds that is full soon. */
const FEW = 4;
/** Bytes that may wait for it, which is less than a batch of changes. */
const NO_ROOM = { waitingBytes: 2000 };

/** What is said of the disk that comes. */
function words(heard: readonly Uint8Array[]): string[] {
  return headers(heard).flatMap((each) => (each.endsWith(LOOP2) ? [each.split("@")[0] ?? ""] : []));
}

/** What is said of a device, each with the value of a property. */
function values(heard: readonly Uint8Array[], devpath: string, key: string): string[] {
  const ofIt = heard.map(latin1).filter((text) => text.split("\0")[0]?.endsWith(devpath));
  return ofIt.map((text) => `${text.split("@")[0]} ${new RegExp(`\\0${key}=([^\\0]*)`).exec(text)?.[1]}`);
}

function plug({ kernel }: Stage, diskseq?: string): void {
  const { properties, ...rest } = disk(2);
  kernel.plug(LOOP2, { ...rest, properties: { ...properties, ...(diskseq !== undefined && { DISKSEQ: diskseq }) } });
}

/** Another one comes where one went. */
function exchange(stage: Stage, diskseq?: string): void {
  stage.kernel.unplug(LOOP2);
  plug(stage, diskseq);
}

/** Of another disk, of which one may stand for all. */
function changes(stage: Stage, count: number): void {
  for (let i = 0; i < count; i++) stage.change(LOOP0);
}

/** Of which none can stand for another. */
function allOther(stage: Stage, count: number): void {
  for (let i = 0; i < count; i++) stage.change(LOOP0, { N: `${i}` });
}

async function begin(queue?: number): Promise<Stage> {
  const stage = new Stage(queue);
  await stage.open();
  await stage.rest();
  return stage;
}

/** A relay hears all while nobody reads, and is killed. */
async function inVain(stage: Stage, limits = {}): Promise<void> {
  await stage.open({}, limits);
  await stage.settled();
  stage.kernel.kill();
}

/** All is read that the next relay says. */
async function readOn(stage: Stage): Promise<void> {
  await stage.open();
  for (let reads = 0; reads < 60; reads++) await stage.rest();
}

const seqs = [
  { like: "another one", first: "1", second: "2" },
  { like: "its like", first: undefined, second: undefined },
];

describe.each(seqs)("where $like comes to the path of a disk that has come late,", ({ first, second }) => {
  test.each([
    { room: "waits for who does not read", limits: {} },
    { room: "has no room to wait", limits: NO_ROOM },
  ])("and that $room while the relay is killed, the next one tells it", async ({ limits }) => {
    const stage = await begin(FEW);
    stage.kernel.killAfter(1);
    plug(stage, first);
    allOther(stage, BATCH);
    exchange(stage, second);
    await stage.kernel.idle();
    stage.kill(); // the first was told
    await inVain(stage, limits);
    await readOn(stage);
    expect(words(stage.heard)).toEqual(["add", "remove", "add"]);
  });

  test("and the first had been told in a batch before, the next one tells it", async () => {
    const stage = await begin(90);
    stage.kernel.killAfter(BATCH + 2);
    plug(stage, first);
    changes(stage, BATCH + 9);
    allOther(stage, 2 * BATCH);
    exchange(stage, second);
    await stage.kernel.idle();
    stage.kill();
    await inVain(stage, NO_ROOM);
    await readOn(stage);
    expect(words(stage.heard)).toEqual(["add", "remove", "add"]);
  });

  test("and all of that happened while no relay was there, it is told by the second that comes", async () => {
    const stage = await begin(FEW);
    stage.kill();
    plug(stage, first);
    changes(stage, BATCH);
    exchange(stage, second);
    await inVain(stage);
    await readOn(stage);
    expect(words(stage.heard)).toEqual(["add", "remove", "add"]);
  });

  test("and there was no room to tell it, it is told when there is", async () => {
    const stage = await begin(FEW);
    stage.kill();
    plug(stage, first);
    allOther(stage, BATCH);
    exchange(stage, second);
    await stage.open({}, NO_ROOM);
    await stage.settled();
    for (let reads = 0; reads < 60; reads++) await stage.rest();
    expect(words(stage.heard)).toEqual(["add", "remove", "add"]);
  });

  test("and a hole hides it behind what the next one had still to say of the first, the one after tells it", async () => {
    const stage = await begin();
    stage.kernel.killAfter(BATCH + 2); // in the second batch
    plug(stage, first);
    changes(stage, BATCH + 9);
    stage.kernel.change(LOOP2);
    changes(stage, BATCH);
    stage.kernel.overrun();
    exchange(stage, second);
    await stage.kernel.idle();
    stage.kill();
    stage.kernel.killAfter(20); // behind that change
    await stage.open();
    await stage.rest();
    stage.kill();
    await stage.open();
    await stage.rest();
    expect(words(stage.heard)).toEqual(["add", "change", "remove", "add"]);
  });

  test("and it waits behind what the next one had still to say of the first, the one after tells it", async () => {
    const stage = await begin(90);
    stage.kernel.killAfter(BATCH + 2);
    plug(stage, first);
    changes(stage, BATCH + 9);
    stage.kernel.change(LOOP2);
    changes(stage, 2 * BATCH);
    exchange(stage, second);
    await stage.kernel.idle();
    stage.kill();
    await inVain(stage);
    await readOn(stage);
    expect(words(stage.heard)).toEqual(["add", "change", "remove", "add"]);
  });

  test("and it waited, and others have been told more than a batch since, the next one tells it", async () => {
    const stage = await begin(FEW);
    stage.kernel.directory("/run/bridge/box").bind("b.sock", { queue: 10_000 }); // one that reads
    await stage.rest();
    plug(stage, first);
    changes(stage, BATCH - 1);
    exchange(stage, second);
    changes(stage, 4 * BATCH);
    stage.kernel.killAfter(4 + 3 * BATCH); // while some wait in the socket
    await stage.kernel.idle();
    stage.kernel.kill();
    await readOn(stage);
    expect(words(stage.heard)).toEqual(["add", "remove", "add"]);
  });
});

test.each(["kill", "close"])("a node that is given another name goes by the one that it had: %s", async (how) => {
  const stage = new Stage();
  const named = (name: string) => ({ allow: [LOOP0, `${LOOP1},as=${name}`], deny: [], dev: "/run/box.dev" });
  await stage.open(named("disk"));
  await stage.rest();
  if (how === "close") await stage.close();
  stage.kill();
  await stage.open(named("other"));
  await stage.rest();
  expect(values(stage.heard, LOOP1, "DEVNAME")).toEqual(["add disk", "remove disk", "add other"]);
});

test("a device whose removal had waited goes with its own number", async () => {
  const stage = await begin(FEW);
  changes(stage, 6);
  stage.kernel.unplug(LOOP1);
  const { properties, ...rest } = disk(1);
  stage.kernel.plug(LOOP1, { ...rest, properties: { ...properties, MINOR: "17" } });
  await stage.kernel.idle();
  stage.kill();
  await stage.open();
  await stage.rest();
  expect(values(stage.heard, LOOP1, "MINOR")).toEqual(["add 1", "remove 1", "add 17"]);
});

test("a reader that came while no relay was there is told once of what came then", async () => {
  const kernel = new FakeKernel();
  kernel.keepSource();
  const container = kernel.container();
  container.reader({});
  kernel.plug(LOOP1, disk(1));
  const start = async (): Promise<Relay> => {
    const relay = await openRelay({ kernel, runtimeDir: "/run", stateDir: "/run/state" });
    await relay.attach({ name: "box", pid: container.pid, allow: ["subsystem=block"], deliver: { netlink: "kernel" } });
    await relay.settle();
    await sleep(600); // readers are looked at now and then
    return relay;
  };
  await start();
  kernel.kill();
  kernel.unplug(LOOP1);
  kernel.plug(LOOP1, disk(1));
  const late = container.reader({});
  const relay = await start();
  expect(headers(late.readAll())).toEqual([`remove@${LOOP1}`, `add@${LOOP1}`]);
  await relay.close();
});
