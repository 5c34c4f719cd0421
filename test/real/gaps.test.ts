import { setTimeout as sleep } from "node:timers/promises";

import { openLinux } from "@uevent-bridge/linux";
import type { Gap } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { History } from "../../packages/relay/test/history.js";
import { needs } from "../needs.js";
import { LoopPool } from "./churn/loop-pool.js";
import { Reader } from "./collector/reader.js";
import { startContainer } from "./container.js";
import { until } from "./listener.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const DEVICES = 8;
const HIDDEN = 2;
/** Milliseconds for which the relay waits for a reader that does not read. */
const READER_MS = 500;

interface Scene {
  readonly reader: Reader;
  readonly pool: LoopPool;
  readonly gaps: readonly Gap[];
  readonly allow: readonly string[];
}

const reasons: readonly (readonly [reason: string, receiveBuffer: number, lose: (scene: Scene) => Promise<void>])[] = [
  [
    "its buffer is small",
    2304,
    async ({ pool }) => {
      for (let i = 0; i < 5000; i++) pool.change(i); // it is quick
      churn(pool);
    },
  ],
  [
    "it sleeps, but no longer than it is waited for",
    8192,
    async ({ pool, reader }) => {
      reader.sleep();
      churn(pool);
      await sleep(READER_MS / 4);
      churn(pool);
      reader.wake();
    },
  ],
  [
    "it sleeps for longer",
    8192,
    async ({ pool, reader }) => {
      reader.sleep();
      for (let i = 0; i < 4; i++) {
        await sleep(READER_MS / 2);
        churn(pool);
      }
      reader.wake();
    },
  ],
];

const needed = needs("root", "loop devices", "debian package python3");

describe("a reader of a container's netlink that loses events", needed, () => {
  test.each(reasons)("because %s: the gap is said, and it is told what there is", async (_, receiveBuffer, lose) => {
    await using stack = new Stack();
    const scene = await open(stack, receiveBuffer);
    await until(() => isTrue(scene), "it has its coldplug");
    await lose(scene);
    await until(() => scene.reader.overran, "it lost something");
    await until(() => scene.gaps.length > 0, "the gap is said");
    await until(() => isTrue(scene), "it knows what there is");
    expect(scene.gaps.every(({ where }) => where === "container")).toBe(true);
    await sleep(READER_MS); // and it is left alone then
    expect(isTrue(scene)).toBe(true);
  });
});

async function open(stack: Stack, receiveBuffer: number): Promise<Scene> {
  const runtimeDir = stack.use(temporaryDirectory()).path;
  const pool = stack.use(new LoopPool(DEVICES));
  const { pid } = stack.use(await startContainer());
  const limits = { readerMs: READER_MS };
  const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir, limits }));
  const reader = stack.use(await Reader.start(pid, receiveBuffer));
  const allow = pool.devices.slice(HIDDEN);
  const box = await relay.attach({ name: "box", pid, allow, deliver: { netlink: "kernel" } });
  const gaps: Gap[] = [];
  box.on("gap", (gap) => void gaps.push(gap));
  return { reader, pool, gaps, allow };
}

/** More events than a small buffer holds, and devices that come and go. */
function churn(pool: LoopPool): void {
  for (let i = 0; i < 60; i++) {
    if (i % 3 === 0) pool.toggle(Math.floor(Math.random() * DEVICES));
    else pool.change(i);
  }
}

function isTrue({ reader, pool, allow }: Scene): boolean {
  const history = new History(false);
  for (const bytes of reader.heard) history.hear(bytes);
  const visible = pool.present.filter((devpath) => allow.includes(devpath));
  return [...history.told.keys()].toSorted().join() === visible.toSorted().join();
}
