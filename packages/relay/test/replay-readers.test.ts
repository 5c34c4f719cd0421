import { setTimeout as sleep } from "node:timers/promises";

import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { FakeContainer, FakeReader } from "@uevent-bridge/kernel/testing";
import type { Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { beforeEach, expect, test } from "vitest";

import { LOOP0, LOOP1, disk, headers } from "./scene.js";
import { LOOP2 } from "./replay-stage.js";

const LOOKS_MS = 600; // in which a relay looks at who reads twice

const SLOW = "/devices/virtual/misc/slow";
const ALLOW = ["subsystem=block", "subsystem=misc,attr:size=8"];

let kernel: FakeKernel;
let container: FakeContainer;
let reader: FakeReader;

/** A reader has lost something, and the relay was killed before it looked; its socket was kept. */
beforeEach(async () => {
  kernel = new FakeKernel();
  kernel.keepSource();
  container = kernel.container();
  reader = container.reader({ receiveBuffer: 1000 });
  kernel.plug(LOOP0, disk(0));
  kernel.plug(SLOW, { subsystem: "misc" });
  await start();
  reader.readAll();
  for (const [i, devpath] of [LOOP1, LOOP2].entries()) kernel.plug(devpath, disk(i + 1));
  await kernel.idle();
  kernel.kill();
  expect(headers(reader.readAll())).toEqual([`add@${LOOP1}`]);
});

async function start(): Promise<Relay> {
  const relay = await openRelay({ kernel, runtimeDir: "/run", stateDir: "/run/state" });
  await relay.attach({ name: "box", pid: container.pid, allow: ALLOW, deliver: { netlink: "kernel" } });
  await kernel.idle();
  return relay;
}

async function expectTold(devpath: string): Promise<void> {
  const heard: string[] = [];
  const read = async (): Promise<readonly string[]> => {
    await kernel.idle();
    heard.push(...headers(reader.readAll()));
    return heard;
  };
  await expect.poll(read, { timeout: 5000 }).toContain(`add@${devpath}`);
}

test("what a reader lost is told where the past is not told for long", async () => {
  const relay = await start();
  await sleep(LOOKS_MS);
  await relay.settle();
  await expectTold(LOOP2);
  await relay.close();
});

test("what a reader lost is told by the next relay where one is killed while the past is told", async () => {
  const relay = await start();
  const hung = kernel.hang(SLOW, "size");
  kernel.change(SLOW); // until it is known who may see it, it is of the past
  void relay.settle();
  await sleep(LOOKS_MS);
  kernel.kill();
  hung.release();
  const next = await start();
  await next.settle();
  await expectTold(LOOP2);
  await next.close();
});
