import type { Gap } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { Budget } from "../src/outlets/budget.js";
import { Share } from "../src/share.js";
import type { Scene } from "./scene.js";
import { LOOP0, LOOP1, disk, latin1, openScene } from "./scene.js";

const QUIET = 30; // looks, longer apart than the relay's at netlink readers
const LOOP9 = "/devices/virtual/block/loop9";

async function change(scene: Scene, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    scene.kernel.change(LOOP0);
    await scene.kernel.idle();
  }
}

/** A storm from one disk, in which another one is bound, and a third comes and goes. */
async function storm(scene: Scene): Promise<void> {
  await change(scene, 500);
  scene.kernel.bind(LOOP1, "there");
  await change(scene, 500);
  scene.kernel.plug(LOOP9, disk(9));
  scene.kernel.unplug(LOOP9);
  await change(scene, 500);
}

/** What a receiver that reads again is told, as `ACTION DEVPATH`, but for the storm. */
function besideTheStorm(heard: readonly Uint8Array[]): (string | undefined)[] {
  const said = heard.map((bytes) => /ACTION=(\w+)\0DEVPATH=([^\0]*)/.exec(latin1(bytes))?.slice(1).join(" "));
  return said.filter((text) => text !== `change ${LOOP0}`);
}

/** Until nothing more comes. */
async function readOut(from: { readAll(): Uint8Array[] }): Promise<Uint8Array[]> {
  const heard: Uint8Array[] = [];
  for (let quiet = 0; quiet < QUIET; quiet++) {
    const more = from.readAll();
    heard.push(...more);
    if (more.length > 0) quiet = 0;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return heard;
}

test.each(["a.sock", "a.udev.sock"])(
  "a storm from one device takes no room from what others say, at %s",
  async (name) => {
    await using scene = await openScene({ limits: { waitingBytes: 8000 } });
    const box = await scene.attach({ allow: ["subsystem=block"] });
    const gaps: Gap[] = [];
    box.on("gap", (gap) => gaps.push(gap));
    const listener = scene.listen(name, { queue: 2 });
    await scene.rest();
    listener.readAll();
    await storm(scene);
    const heard = await readOut(listener);
    expect(heard.length).toBeLessThan(60);
    expect(besideTheStorm(heard)).toEqual([`bind ${LOOP1}`]);
    const last = Number(/\0SEQNUM=(\d+)\0/.exec(latin1(heard.at(-1) ?? new Uint8Array()))?.[1]);
    expect(gaps.reduce((sum, { lost }) => sum + Number(lost), 0)).toBe(last - 2 - heard.length); // it was told of two at first
  },
);

test("nor by netlink, from what waits until readers have room", async () => {
  await using scene = await openScene({ limits: { waitingBytes: 8000, readerBytes: 3000 } });
  const container = scene.kernel.container();
  const reader = container.reader({ receiveBuffer: 6000 });
  const deliver = { socket: false, netlink: "kernel" } as const;
  const box = await scene.attach({ pid: container.pid, deliver, allow: ["subsystem=block"] });
  const gaps: Gap[] = [];
  box.on("gap", (gap) => gaps.push(gap));
  await readOut(reader);
  await storm(scene);
  expect(besideTheStorm(await readOut(reader))).toEqual([`bind ${LOOP1}`]);
  expect(gaps).toEqual([{ kind: "gap", lost: expect.any(Number) as number, where: "container" }]);
});

test("what waits is merged in the container's share of the time, and not again and again in vain", () => {
  const [budget, share] = [new Budget(100), new Share()];
  const needless: { bytes: Uint8Array }[] = [];
  let merges = 0;
  budget.mergeBy(() => (merges++, needless.splice(0)), share);
  budget.take(new Uint8Array(100));
  expect([budget.makeRoom(), budget.makeRoom(), merges]).toEqual([false, false, 1]);
  budget.give(new Uint8Array(50)); // half of it was read
  budget.take(new Uint8Array(50));
  needless.push({ bytes: new Uint8Array(60) });
  expect([budget.makeRoom(), budget.takeMerged(), budget.takeMerged(), merges]).toEqual([true, 1, 0, 2]);
  budget.take(new Uint8Array(60));
  share.charge(performance.now() - 1000);
  expect([budget.makeRoom(), merges]).toEqual([false, 2]);
});
