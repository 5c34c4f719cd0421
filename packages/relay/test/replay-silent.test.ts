import { KernelError } from "@uevent-bridge/kernel";
import { describe, expect, test } from "vitest";

import { LOOP2, Stage } from "./replay-stage.js";
import { LOOP0, LOOP1, disk, headers, latin1 } from "./scene.js";

describe("what happens without a word of the kernel while no relay is there", () => {
  test("what then became of a device without a word is told once, behind what was said of it", async () => {
    const stage = new Stage();
    await stage.open();
    await stage.rest();
    stage.kill();
    for (let i = 0; i < 2; i++) stage.change(LOOP0, { DISKSEQ: "7" });
    stage.kernel.change(LOOP0, { properties: { DISKSEQ: "8" }, silent: true });
    await stage.open();
    await stage.rest();
    const diskseqs = stage.heard.slice(2).map((bytes) => /DISKSEQ=(\d+)/.exec(latin1(bytes))?.[1]);
    expect(diskseqs).toEqual(["7", "7", "8"]);
  });

  test.each(["came", "came where one went"])("so is what became of a device that %s meanwhile", async (how) => {
    const stage = new Stage();
    await stage.open();
    await stage.rest();
    stage.kill();
    const devpath = how === "came" ? LOOP2 : LOOP1;
    if (how !== "came") stage.unplug(LOOP1);
    stage.plug(devpath);
    stage.kernel.change(devpath, { properties: { DISKSEQ: "6" }, silent: true });
    await stage.open();
    await stage.rest();
    const heard = stage.heard.slice(2).map(latin1);
    expect(heard.map((text) => /DISKSEQ=(\d+)/.exec(text)?.[1])).toEqual([...heard.slice(1).map(() => undefined), "6"]);
    expect(headers(stage.heard).at(-1)).toBe(`change@${devpath}`);
  });

  test("a device of which nobody said that it went has gone before /sys is read once more", async () => {
    const stage = new Stage();
    await stage.open();
    await stage.rest();
    stage.kill();
    stage.kernel.unplug(LOOP1, { silent: true });
    await stage.open();
    stage.kernel.fail("enumerate", new KernelError("SYSTEM_REFUSED", "too many open files", "none"));
    await stage.rest();
    expect(headers(stage.heard).slice(2)).toEqual([`remove@${LOOP1}`]);
    expect(await stage.there()).toEqual([LOOP0]);
  });

  test("what rules do not let in stands for nobody who was told at its path", async () => {
    const stage = new Stage();
    await stage.open();
    await stage.rest();
    stage.kill();
    stage.kernel.unplug(LOOP1);
    stage.kernel.plug(LOOP1, disk(2));
    stage.kernel.move(LOOP1, LOOP2);
    stage.kernel.plug(LOOP1, disk(1));
    await stage.open({ deny: [LOOP1] });
    await stage.rest();
    expect(headers(stage.heard).slice(2)).toEqual([`remove@${LOOP1}`, `add@${LOOP2}`]);
  });
});
