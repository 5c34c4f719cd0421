import { writeFileSync } from "node:fs";

import { openLinux } from "@uevent-bridge/linux";
import { addLoop, removeLoop } from "@uevent-bridge/linux/testing";

/** Numbers that a test's own loop devices take: far from those that somebody may use, and those that packages/linux/test names. */
const [LOWEST, HIGHEST] = [10_000, 100_000];
const TRIES = 100;

export interface Loops extends Disposable {
  /** Their devpaths. */
  readonly devices: readonly string[];
  /** Hears what the kernel says, beside the relay. */
  record(hear: (bytes: Uint8Array) => void): Disposable & { drain(): void };
}

/** Loop devices of the test's own, removed at the end of its scope. */
export function withLoops(count: number): Loops {
  const numbers = Array.from({ length: count }, plugLoop);
  return {
    devices: numbers.map(devpathOf),
    record,
    [Symbol.dispose]: () => numbers.forEach(removeLoop),
  };
}

/** Makes a loop device that nobody else has, and gives its number. */
export function plugLoop(): number {
  for (let tries = 0; tries < TRIES; tries++) {
    const number = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    try {
      addLoop(number);
      return number;
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("EEXIST"))) throw error;
    }
  }
  throw new Error("all numbers of loop devices are taken");
}

export const devpathOf = (number: number): string => `/devices/virtual/block/loop${number}`;

/** Has the kernel say `change` of a device. */
export function change(devpath: string): void {
  writeFileSync(`/sys${devpath}/uevent`, "change");
}

function record(hear: (bytes: Uint8Array) => void): Disposable & { drain(): void } {
  const source = openLinux().openSource({
    group: "kernel",
    onBatch: (batch) => {
      for (let i = 0; i < batch.count; i++) hear(batch.slab.slice(batch.starts[i], batch.ends[i]));
    },
  });
  source.resume();
  return { drain: () => source.drain(), [Symbol.dispose]: () => source.close() };
}
