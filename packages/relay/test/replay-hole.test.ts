import { describe, expect, test } from "vitest";

import { LOOP2, Stage } from "./replay-stage.js";
import { LOOP0, disk, headers, latin1 } from "./scene.js";

/** Events that the kernel gives at once. */
const BATCH = 64;
const BEFORE = 10; // of them, in front of the one that a device came

function withDiskseq(diskseq: string) {
  const { properties, ...rest } = disk(2);
  return { ...rest, properties: { ...properties, DISKSEQ: diskseq } };
}

function another({ kernel }: Stage): void {
  kernel.unplug(LOOP2);
  kernel.plug(LOOP2, withDiskseq("2"));
}

/** A relay is killed when it has told so much of a batch in which a device comes. That another one comes to its path then is lost. */
async function killedWhenTold(count: number, { isKnown }: { readonly isKnown: boolean }): Promise<string[]> {
  const stage = new Stage();
  await stage.open();
  await stage.rest();
  stage.kernel.killAfter(count);
  for (let i = 0; i < BEFORE; i++) stage.change(LOOP0);
  stage.kernel.plug(LOOP2, withDiskseq("1"));
  for (let i = BEFORE + 1; i < BATCH; i++) stage.change(LOOP0);
  if (isKnown) stage.kernel.overrun();
  if (isKnown) another(stage);
  await stage.kernel.idle();
  stage.kill();
  if (!isKnown) stage.kernel.overrunKept();
  if (!isKnown) another(stage);
  await stage.open();
  await stage.rest();
  const said = stage.heard.filter((bytes) => headers([bytes])[0]?.includes(LOOP2)).map(latin1);
  return said.map((text) => `${text.slice(0, text.indexOf("@"))} ${/DISKSEQ=(\d+)/.exec(text)?.[1]}`);
}

describe.each([
  { when: "had heard of", isKnown: true },
  { when: "had not heard of", isKnown: false },
])("a hole that the one before $when", ({ isKnown }) => {
  test.each([1, BEFORE, BEFORE + 1, BATCH])(
    "may hide another device at the path where one came: killed when %i were told",
    async (count) => {
      const said = await killedWhenTold(count, { isKnown });
      expect(said.map((each) => each.split(" ")[0])).toEqual(["add", "remove", "add"]);
      expect([said.at(0), said.at(-1)]).toEqual(["add 1", "add 2"]);
    },
  );
});
