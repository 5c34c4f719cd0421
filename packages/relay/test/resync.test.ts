import { expect, onTestFinished, test, vi } from "vitest";

import { Waiting } from "../src/waiting.js";
import { LOOP0, LOOP1, disk, headers, openScene } from "./scene.js";

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

test("what came unheard while something waited for an attribute is told as another one", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: [LOOP2], deny: [`${LOOP2},attr:size=8`] });
  const listener = scene.listen();
  await scene.rest();
  const part = `${LOOP2}/loop2p1`;
  const hung = scene.kernel.hang(LOOP2, "size");
  scene.kernel.plug(LOOP2, disk(2));
  scene.kernel.plug(part, disk(3, "loop2p1"));
  await scene.kernel.idle();
  scene.kernel.unplug(part, { silent: true });
  scene.kernel.plug(part, { ...disk(3, "loop2p1"), silent: true });
  const release = Object.getOwnPropertyDescriptor(Waiting.prototype, "release")
    ?.value as typeof Waiting.prototype.release;
  const spy = vi.spyOn(Waiting.prototype, "release").mockImplementation(function (this: Waiting<unknown>, devpath) {
    if (devpath === part) scene.kernel.overrun(); // that is not read before all that waited is applied
    return release.call(this, devpath);
  });
  onTestFinished(() => spy.mockRestore());
  hung.release();
  await scene.rest();
  const ofIt = headers(listener.readAll()).filter((each) => each.endsWith(part));
  expect(ofIt).toEqual([`add@${part}`, `remove@${part}`, `add@${part}`]);
});
