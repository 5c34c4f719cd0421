import { openLinux } from "@uevent-bridge/linux";
import type { Gap } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { History } from "../../packages/relay/test/history.js";
import { needs } from "../needs.js";
import { LoopPool } from "./churn/loop-pool.js";
import { headers, openHostReader, openListener, until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const DEVICES = 6;

describe("a relay whose own buffer", needs("root", "loop devices"), () => {
  test.each([
    ["for a few events", 8192, 50],
    ["for thousands of events", 2 ** 21, 6500],
  ])("%s overran says so, tells what there is, and hears on; time and again", async (_, receiveBuffer, events) => {
    await using stack = new Stack();
    const runtimeDir = stack.use(temporaryDirectory()).path;
    const pool = stack.use(new LoopPool(DEVICES));
    const [noisy = "", last = ""] = stack.use(withLoops(2)).devices;
    const relay = stack.use(await openRelay({ kernel: openLinux({ receiveBuffer }), runtimeDir }));
    const box = await relay.attach({ name: "box", allow: [...pool.devices, last] });
    const listener = stack.use(openListener(`${box.mounts[0]?.source}/a.sock`));
    const gaps: Gap[] = [];
    relay.on("gap", (gap) => void gaps.push(gap));

    for (let round = 1; round <= 3; round++) {
      for (let i = 0; i < events; i++) change(noisy); // the relay cannot read meanwhile
      for (let i = 0; i < DEVICES; i++) if (Math.random() < 0.5) pool.toggle(i);
      await until(() => gaps.length >= round, "the gap is said");
      await until(
        () => toldTo(listener.heard).join() === [...pool.present, last].toSorted().join(),
        "it knows what there is",
      );
      const before = listener.heard.length;
      change(last);
      await until(() => headers(listener.heard.slice(before)).includes(`change@${last}`), "it hears on");
    }
    expect(gaps.every(({ where }) => where === "kernel")).toBe(true);
  });
});

describe("a source whose buffer overran", needs("root", "loop devices"), () => {
  test("hears on by itself", async () => {
    await using stack = new Stack();
    const { devices } = stack.use(withLoops(2));
    const [noisy = "", next = ""] = devices;
    const source = stack.use(openHostReader({ receiveBuffer: 4096 }));
    for (let round = 1; round <= 3; round++) {
      for (let i = 0; i < 50; i++) change(noisy); // it cannot read meanwhile
      await until(() => source.overruns >= round, "the overrun is said");
      source.heard.length = 0;
      change(next);
      await until(() => headers(source.heard).includes(`change@${next}`), "it hears on");
    }
  });
});

function toldTo(heard: readonly Uint8Array[]): string[] {
  const history = new History(true);
  for (const bytes of heard) history.hear(bytes);
  expect(history.faults).toEqual([]);
  return [...history.told.keys()].toSorted();
}
