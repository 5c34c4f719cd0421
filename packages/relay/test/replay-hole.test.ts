import { describe, expect, test } from "vitest";

import { LOOP2, Stage } from "./replay-stage.js";
import { LOOP0, disk, headers, latin1 } from "./scene.js";

/** Events that the kernel gives at once. */
const BATCH = 64;
const BEFORE = 10; // of them, in front of the one that a device came

function plug({ kernel }: Stage, diskseq?: string): void {
  const { properties, ...rest } = disk(2);
  kernel.plug(LOOP2, { ...rest, properties: { ...properties, ...(diskseq !== undefined && { DISKSEQ: diskseq }) } });
}

/** What is said of the disk that comes: action and DISKSEQ. */
function said({ heard }: Stage): string[] {
  const ofIt = heard.filter((bytes) => headers([bytes])[0]?.includes(LOOP2)).map(latin1);
  return ofIt.map((text) => `${text.slice(0, text.indexOf("@"))} ${/DISKSEQ=(\d+)/.exec(text)?.[1] ?? "–"}`);
}

/** Two batches, in the first of which a disk comes. Another one comes to its path then, which is lost: before the relay can read, or after its end. */
function happen(stage: Stage, diskseqs: readonly string[], isKnown: boolean): () => void {
  const exchange = (): void => {
    stage.kernel.unplug(LOOP2);
    plug(stage, diskseqs[1]);
  };
  for (let i = 0; i < BEFORE; i++) stage.change(LOOP0);
  plug(stage, diskseqs[0]);
  for (let i = BEFORE + 1; i < 2 * BATCH; i++) stage.change(LOOP0);
  if (isKnown) {
    stage.kernel.overrun();
    exchange();
  }
  return () => {
    if (isKnown) return;
    stage.kernel.overrunKept();
    exchange();
  };
}

async function begin(): Promise<Stage> {
  const stage = new Stage();
  await stage.open();
  await stage.rest();
  return stage;
}

describe.each([
  { when: "had heard of", isKnown: true },
  { when: "had not heard of", isKnown: false },
])("a hole that the one before $when", ({ isKnown }) => {
  const cases = [1, BEFORE, BEFORE + 1, BATCH, BATCH + 1, 2 * BATCH].flatMap((count) => [
    { count, like: "another one", diskseqs: ["1", "2"] },
    { count, like: "its like", diskseqs: [] },
  ]);

  test.each(cases)("may hide $like at the path where a disk came: killed when $count were told", async (one) => {
    const stage = await begin();
    stage.kernel.killAfter(one.count);
    const later = happen(stage, one.diskseqs, isKnown);
    await stage.kernel.idle();
    stage.kill();
    later();
    await stage.open();
    await stage.rest();
    expect(said(stage).map((each) => each.split(" ")[0])).toEqual(["add", "remove", "add"]);
    const [first, second] = one.diskseqs.length > 0 ? ["1", "2"] : ["–", "–"];
    expect([said(stage).at(0), said(stage).at(-1)]).toEqual([`add ${first}`, `add ${second}`]);
  });
});

test.each([["1", "2"], []])("a hole may do so when the next one is killed in its past too: %j", async (...diskseqs) => {
  for (let count = 1; count <= 2 * BATCH; count += 9) {
    const stage = await begin();
    stage.kernel.killAfter(BEFORE / 2);
    happen(stage, diskseqs, true);
    await stage.kernel.idle();
    stage.kill();
    stage.kernel.killAfter(count);
    await stage.open();
    await stage.rest();
    stage.kill();
    await stage.open();
    await stage.rest();
    const words = said(stage).map((each) => each.split(" ")[0]);
    expect(words, `the second was killed when ${count} were told`).toEqual(["add", "remove", "add"]);
  }
});

test.each([["1", "2"], []])("so it may when the one before is killed while it reads /sys: %j", async (...diskseqs) => {
  const stage = await begin();
  happen(stage, diskseqs, true);
  stage.kernel.during("enumerate", () => stage.kernel.die());
  await stage.rest();
  stage.kill();
  await stage.open();
  await stage.rest();
  expect(said(stage).map((each) => each.split(" ")[0])).toEqual(["add", "remove", "add"]);
});

test("a hole that was made good is nothing to the next one", async () => {
  const stage = await begin();
  stage.kernel.overrun();
  await stage.rest();
  stage.kill();
  plug(stage, "1");
  await stage.open();
  await stage.rest();
  expect(said(stage)).toEqual(["add 1"]);
});

const counts = [1, BEFORE + 1, BATCH + 1].flatMap((count) => [true, false].map((changes) => ({ count, changes })));
test.each(counts)("without one a disk that came is the same: %o", async ({ count, changes }) => {
  const stage = await begin();
  stage.kernel.killAfter(count);
  for (let i = 0; i < BEFORE; i++) stage.change(LOOP0);
  stage.plug(LOOP2);
  for (let i = 0; i < BATCH; i++) stage.change(LOOP0);
  if (changes) stage.change(LOOP2, { DISKSEQ: "7" });
  await stage.kernel.idle();
  for (let relays = 0; relays < 2; relays++) {
    stage.kill();
    await stage.open();
    await stage.rest();
    stage.expectAllOnce();
  }
});

test("what was said to have gone before a hole is not taken back again", async () => {
  const stage = await begin();
  stage.kernel.killAfter(BATCH + BEFORE);
  plug(stage, "1");
  for (let i = 0; i < 2 * BATCH; i++) stage.change(LOOP0);
  stage.kernel.unplug(LOOP2);
  stage.kernel.overrun();
  plug(stage, "2");
  await stage.kernel.idle();
  stage.kill();
  await stage.open();
  await stage.rest();
  expect(said(stage)).toEqual(["add 1", "remove 1", "add 2"]);
});

test("what comes between the start and an overrun is told anew once", async () => {
  const stage = await begin();
  stage.kill();
  await stage.open();
  plug(stage, "1");
  stage.kernel.overrun();
  await stage.rest();
  expect(said(stage)).toEqual(["add 1", "remove 1", "add 1"]);
});
