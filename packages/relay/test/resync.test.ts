import { expect, test, vi } from "vitest";

import { LOOP0, LOOP1, disk, openScene } from "./scene.js";

const LOOP2 = "/devices/virtual/block/loop2";
const LOOP3 = "/devices/virtual/block/loop3";

test.each(["attached", "gone"])(
  "what was told while an attribute was read is said too, where another is %s then",
  async (how) => {
    await using scene = await openScene();
    const box = await scene.attach({ allow: [LOOP1, LOOP2, `${LOOP3},attr:size=8`] });
    const other = how === "gone" ? await scene.attach({ name: "other", allow: [LOOP0] }) : undefined;
    const resyncs: unknown[] = [];
    box.on("resync", (change) => resyncs.push(change));
    other?.on("resync", () => resyncs.push("of one that has gone"));
    await scene.rest();
    scene.kernel.unplug(LOOP1, { silent: true });
    for (const [number, devpath] of [LOOP2, LOOP3].entries())
      scene.kernel.plug(devpath, { ...disk(2 + number), silent: true });
    const hung = scene.kernel.hang(LOOP3, "size");
    scene.kernel.overrun();
    await vi.waitUntil(() => hung.waiting > 0);
    if (other) await other.detach();
    else await scene.attach({ name: "other", allow: [LOOP0] }); // everybody is flushed
    expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP2]);
    hung.release();
    await scene.rest();
    expect(resyncs).toEqual([{ added: [LOOP2], removed: [LOOP1] }]);
  },
);
