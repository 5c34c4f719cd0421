import type { FakeListener } from "@uevent-bridge/kernel/testing";
import { describe, expect, test } from "vitest";

import { randomFrom } from "../../../test/real/churn/random.js";
import { LOOP2, LOOP3, Stage } from "./replay-stage.js";
import { LOOP0, LOOP1, disk, headers } from "./scene.js";
import { PART } from "./state-stage.js";

const HISTORIES = Number(process.env["REPLAYS"] ?? 20);
const SEED = Number(process.env["REPLAYS_SEED"] ?? Date.now() % 1_000_000); // in the name: a run that failed can be repeated
const STEPS = 12;

/** LOOP1 has gone, which the relay has read, and its listener could not be told. */
async function withRemovalThatWaits(): Promise<Stage> {
  const stage = new Stage(4);
  await stage.open();
  await stage.rest();
  for (let i = 0; i < 6; i++) stage.change(LOOP0);
  stage.unplug(LOOP1);
  await stage.kernel.idle();
  return stage;
}

function* readAll(reader: Pick<FakeListener, "read">): Generator<Uint8Array> {
  for (let bytes = reader.read(); bytes; bytes = reader.read()) yield bytes;
}

describe("what the kernel says while no relay is there", () => {
  test.each<readonly [string, (stage: Stage) => void]>([
    ["a device that came", (stage) => stage.plug(LOOP2)],
    ["one that came and went", (stage) => (stage.plug(LOOP2), stage.unplug(LOOP2))],
    ["one that went", (stage) => stage.unplug(LOOP1)],
    ["one that went and came again", (stage) => (stage.unplug(LOOP1), stage.plug(LOOP1))],
    ["one that did so twice", (stage) => [1, 2].forEach(() => (stage.unplug(LOOP1), stage.plug(LOOP1)))],
    ["changes that left nothing behind", (stage) => (stage.change(LOOP0), stage.change(LOOP0))],
    ["one that left another property", (stage) => stage.change(LOOP0, { DISKSEQ: "7" })],
    ["one of a device that went then", (stage) => (stage.change(LOOP1), stage.unplug(LOOP1))],
    ["nothing", () => undefined],
    ["nothing that it may see", (stage) => (stage.plug(LOOP3), stage.change(LOOP3))],
  ])("%s: the next one tells it as it was said, once", async (_, happen) => {
    const stage = new Stage();
    await stage.open();
    await stage.rest();
    stage.kill();
    happen(stage);
    await stage.open();
    await stage.rest();
    stage.expectAllOnce();
    stage.change(LOOP0);
    await stage.rest();
    stage.expectAllOnce();
  });

  test("the next one knows what is there, and what the container may open", async () => {
    const stage = new Stage();
    await stage.open({ dev: "/run/box.dev" });
    await stage.rest();
    stage.kill();
    stage.unplug(LOOP1);
    stage.plug(LOOP2);
    const box = await stage.open({ dev: "/run/box.dev" });
    const nodes = (): readonly string[] =>
      [...(stage.kernel.deviceDirectory("/run/box.dev")?.keys() ?? [])].filter((name) => name.startsWith("loop"));
    expect(nodes().toSorted()).toEqual(["loop0", "loop2"]); // before anybody is told
    await stage.rest();
    expect(nodes().toSorted()).toEqual(["loop0", "loop2"]);
    expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0, LOOP2]);
    stage.expectAllOnce();
  });

  test("a device whose rule asked for an attribute is told to have gone where it went", async () => {
    const stage = new Stage();
    stage.kernel.plug(PART, { ...disk(9, "loop0p1"), attributes: { size: "7" } });
    const allow = ["attr:size=7", LOOP1];
    await stage.open({ allow });
    await stage.rest();
    stage.kill();
    stage.kernel.unplug(PART);
    stage.change(LOOP1);
    await stage.open({ allow });
    await stage.rest();
    expect(headers(stage.heard).slice(2)).toEqual([`remove@${PART}`, `change@${LOOP1}`]);
  });

  test("a listener that comes only then is told what is there", async () => {
    const stage = new Stage();
    await stage.open();
    await stage.rest();
    stage.kill();
    stage.unplug(LOOP1);
    stage.plug(LOOP2);
    const late = stage.kernel.directory("/run/bridge/box").bind("late.sock");
    await stage.open();
    await stage.rest();
    expect(headers(late.readAll())).toEqual([`add@${LOOP0}`, `add@${LOOP2}`]);
    stage.expectAllOnce();
  });

  test("a device that came while the one before was there, and changed since, has changed, and nothing else", async () => {
    const stage = new Stage();
    await stage.open();
    await stage.rest();
    stage.plug(LOOP2);
    await stage.rest();
    stage.kill();
    stage.change(LOOP2, { DISKSEQ: "7" });
    await stage.open();
    await stage.rest();
    stage.expectAllOnce();
  });

  test("where its buffer was too small the difference is told, and that there is a gap", async () => {
    const stage = new Stage();
    await stage.open();
    await stage.rest();
    stage.kill();
    stage.unplug(LOOP1);
    stage.kernel.overrunKept();
    stage.kernel.plug(LOOP2, disk(2));
    await stage.open();
    await stage.rest();
    expect(headers(stage.heard).slice(2)).toEqual([`remove@${LOOP1}`, `add@${LOOP2}`]);
  });

  test("where its buffer was too small for it to say that another device came to a path, that is told", async () => {
    const stage = new Stage();
    await stage.open();
    await stage.rest();
    stage.kill();
    stage.kernel.unplug(LOOP1, { silent: true });
    stage.kernel.plug(LOOP1, { ...disk(1), silent: true });
    stage.kernel.overrunKept();
    await stage.open();
    await stage.rest();
    expect(headers(stage.heard).slice(2)).toEqual([`remove@${LOOP1}`, `add@${LOOP1}`]);
  });

  test("a removal that the one before had read, and that waited for who did not read, is told", async () => {
    const stage = await withRemovalThatWaits();
    stage.change(LOOP0); // that is what it has read last
    await stage.kernel.idle();
    stage.kill();
    await stage.open();
    await stage.rest();
    expect(headers(stage.heard)).toContain(`remove@${LOOP1}`);
    expect(await stage.there()).toEqual([LOOP0]);
  });

  test("so is that another one came to the path of one whose removal had waited so", async () => {
    const stage = await withRemovalThatWaits();
    stage.plug(LOOP1);
    await stage.kernel.idle();
    stage.kill();
    await stage.open();
    await stage.rest();
    expect(headers(stage.heard).filter((each) => each.endsWith(LOOP1))).toEqual([
      `add@${LOOP1}`,
      `remove@${LOOP1}`,
      `add@${LOOP1}`,
    ]);
  });

  test("so is that a third one came there, where the second was of a kind that the container may not see", async () => {
    const stage = await withRemovalThatWaits();
    stage.kernel.plug(LOOP1, { subsystem: "misc" });
    await stage.kernel.idle();
    stage.kill();
    await stage.open();
    stage.kernel.unplug(LOOP1); // it has been there when /sys was read
    stage.plug(LOOP1);
    for (let reads = 0; reads < 3; reads++) await stage.rest(); // until all that waits is told
    expect(headers(stage.heard).filter((each) => each.endsWith(LOOP1))).toEqual([
      `add@${LOOP1}`,
      `remove@${LOOP1}`,
      `add@${LOOP1}`,
    ]);
  });

  test("a hole that the one before had heard of and not made good is made good", async () => {
    const stage = new Stage();
    await stage.open();
    await stage.rest();
    stage.plug(LOOP2);
    await stage.kernel.idle();
    stage.kernel.unplug(LOOP2, { silent: true });
    stage.kill(); // it had taken that it lost something, and said nothing of it
    await stage.open();
    await stage.rest();
    expect(await stage.there()).toEqual([LOOP0, LOOP1]);
    expect(headers(stage.heard).at(-1)).toBe(`remove@${LOOP2}`);
  });

  test("programs that read netlink are told nothing twice, in either form", async () => {
    const stage = new Stage();
    const place = stage.kernel.container();
    const readers = [place.reader(), place.reader({ group: "udev" })];
    const count = (): number[] => readers.map((reader) => [...readAll(reader)].length);
    const target = { pid: place.pid, deliver: { socket: true, netlink: "both" } } as const;
    await stage.open(target);
    await stage.rest();
    expect(count()).toEqual([2, 2]);
    stage.kill();
    stage.change(LOOP0);
    await stage.open(target);
    await stage.rest();
    expect(count()).toEqual([1, 1]);
    stage.expectAllOnce();
  });
});

test(
  `${HISTORIES} times relays are killed in the middle of telling, and closed (seed ${SEED}): all is told once, in order`,
  { timeout: 60_000 + HISTORIES * 200 },
  async () => {
    const random = randomFrom(SEED);
    for (let i = 0; i < HISTORIES; i++) {
      const stage = new Stage();
      await stage.open();
      await stage.rest();
      for (let restart = 0; restart < 4; restart++) {
        if (random() < 0.7) stage.kernel.killAfter(1 + Math.floor(random() * STEPS));
        for (let step = random() * STEPS; step > 0; step--) stage.step(random);
        if (random() < 0.3) await stage.rest();
        else if (random() < 0.5) await stage.kernel.idle();
        if (random() < 0.3) await stage.close();
        stage.kill();
        for (let step = random() * STEPS; step > 0; step--) stage.step(random);
        await stage.open();
      }
      await stage.rest();
      stage.expectAllOnce();
    }
  },
);
