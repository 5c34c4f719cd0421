import { unpackMultiple } from "msgpackr";
import { expect, test, vi } from "vitest";

import type { Gap } from "@uevent-bridge/relay";

import { LOOP0, LOOP1, latin1, openScene } from "./scene.js";

interface Said {
  readonly kind: "hello" | "event" | "gap" | "synced";
  readonly seq?: number;
  readonly lost?: number;
  readonly bytes?: Uint8Array;
}

const kinds = (all: readonly Said[]): readonly string[] => all.map(({ kind }) => kind);

test("what is told at once comes in one datagram, and what was lost is said before what makes it good", async () => {
  await using scene = await openScene({ limits: { waitingBytes: 1000 } });
  const box = await scene.attach({ allow: ["subsystem=block"] });
  const gaps: Gap[] = [];
  box.on("gap", (gap) => gaps.push(gap));
  const listener = scene.listen("a.msgpack.sock", { queue: 2 });
  const read = (): Said[][] => listener.readAll().map((bytes) => unpackMultiple(bytes) as Said[]);
  await vi.waitUntil(() => listener.waiting > 0, { timeout: 10_000 }); // it is found when there is time
  await scene.rest();
  expect(read().map(kinds)).toEqual([["hello"], ["event", "event", "synced"]]);
  for (let n = 0; n < 20; n++) {
    scene.kernel.change(LOOP0, { extras: { COUNT: `${n}` } });
    await scene.kernel.idle();
  }
  scene.kernel.unplug(LOOP1);
  const heard: Said[] = [];
  for (let more = read(); more.length > 0; more = read()) {
    heard.push(...more.flat());
    await scene.rest();
  }
  const at = heard.findIndex(({ kind }) => kind === "gap");
  const { lost = 0 } = heard[at] ?? {};
  expect(lost).toBeGreaterThan(0);
  expect(gaps).toEqual([{ kind: "gap", lost, where: "listener" }]);
  expect(kinds(heard.slice(at))).toEqual(["gap", "event", "event", "synced"]);
  expect(heard[at + 1]?.seq).toBe((heard[at - 1]?.seq ?? 0) + lost + 1);
  const made = heard.slice(at + 1, at + 3).map(({ bytes = new Uint8Array() }) => latin1(bytes).split("\0", 1)[0]);
  expect(made).toEqual([`remove@${LOOP1}`, `change@${LOOP0}`]);
});
