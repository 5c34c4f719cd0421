import { expect, test, vi } from "vitest";

import type { Gap } from "@uevent-bridge/relay";

import { disk, headers, openScene, seqnums } from "./scene.js";

const MORE = 98; // than the two that are there
const AT_ONCE = 32; // before it is looked whether the listener still takes it
const devpath = (n: number): string => `/devices/virtual/misc/m${n}`;

test("a listener that stops reading is told no more than it was sent, and nothing of what goes meanwhile", async () => {
  await using scene = await openScene({ limits: { waitingBytes: 5000 } });
  for (let n = 0; n < MORE; n++) scene.kernel.plug(devpath(n), { ...disk(n, `m${n}`), subsystem: "misc" });
  await scene.rest();
  const box = await scene.attach({ allow: ["subsystem=misc"] });
  const gaps: Gap[] = [];
  box.on("gap", (gap) => gaps.push(gap));
  const listener = scene.listen("a.sock", { queue: 10 });
  await vi.waitUntil(() => listener.waiting > 0, { timeout: 10_000 }); // it is found when there is time
  await scene.rest();
  for (let n = 0; n < MORE; n++) scene.kernel.unplug(devpath(n));
  await scene.rest();
  const heard: Uint8Array[] = [];
  for (let more = listener.readAll(); more.length > 0; more = listener.readAll()) {
    heard.push(...more);
    await scene.rest();
  }
  const added = headers(heard).slice(0, AT_ONCE);
  expect(added).toEqual(Array.from({ length: AT_ONCE }, (_, n) => `add@${devpath(n)}`));
  expect(headers(heard).slice(AT_ONCE).toSorted()).toEqual(
    added.map((each) => each.replace("add", "remove")).toSorted(),
  );
  expect(seqnums(heard)).toEqual(heard.map((_, i) => i + 1));
  expect(gaps).toEqual([]);
});
