import { openLinux } from "@uevent-bridge/linux";
import { addLoop, removeLoop } from "@uevent-bridge/linux/testing";

/** First number that a test's own loop devices take: far from those that somebody may use. */
const FIRST = 700 + (process.pid % 200) * 4;

export interface Loops extends Disposable {
  /** Their devpaths. */
  readonly devices: readonly string[];
  /** Hears what the kernel says, beside the relay. */
  record(hear: (bytes: Uint8Array) => void): Disposable & { drain(): void };
}

/** Loop devices of the test's own, removed at the end of its scope. */
export function withLoops(count: number): Loops {
  const numbers = Array.from({ length: count }, (_, i) => FIRST + i);
  numbers.forEach(addLoop);
  return {
    devices: numbers.map((number) => `/devices/virtual/block/loop${number}`),
    record,
    [Symbol.dispose]: () => numbers.forEach(removeLoop),
  };
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
