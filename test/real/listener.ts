import type { Batch, Source } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import type { LinuxOptions } from "@uevent-bridge/linux";
import { openReceiver } from "@uevent-bridge/linux/testing";

/** Somebody who hears datagrams and keeps them, each copied. */
export interface Hearer extends Disposable {
  readonly heard: Uint8Array[];
  /** How often it was told that something was lost. */
  readonly overruns: number;
  /** Stops reading: what comes waits in its queue, or is lost. */
  pause(): void;
  resume(): void;
  /** Reads all that waits. */
  drain(): void;
  close(): void;
}

/** A listener as a container would bind it. */
export function openListener(path: string): Hearer {
  return hear((onBatch) => openReceiver(path, onBatch));
}

/** A netlink socket in a process's network namespace. The relay takes it for a program of the container. */
export function openReader(pid: number, options: LinuxOptions = {}): Hearer {
  const target = openLinux(options).openTarget({ pid });
  const hearer = hear((onBatch) => target.openSource({ group: "kernel", onBatch }));
  target.close();
  return hearer;
}

/** A netlink socket that hears what the kernel says on the host, beside the relay. */
export function openHostReader(options: LinuxOptions = {}): Hearer {
  return hear((onBatch) => openLinux(options).openSource({ group: "kernel", onBatch }));
}

function hear(open: (onBatch: (batch: Batch) => void) => Source): Hearer {
  const heard: Uint8Array[] = [];
  let overruns = 0;
  const source = open((batch) => {
    if (batch.overrun) overruns++;
    for (let i = 0; i < batch.count; i++) heard.push(batch.slab.slice(batch.starts[i], batch.ends[i]));
  });
  source.resume();
  return {
    heard,
    get overruns() {
      return overruns;
    },
    pause: () => source.pause(),
    resume: () => source.resume(),
    drain: () => source.drain(),
    close: () => source.close(),
    [Symbol.dispose]: () => source.close(),
  };
}

/** `ACTION@DEVPATH` of each datagram. */
export function headers(datagrams: readonly Uint8Array[]): string[] {
  return datagrams.map((bytes) => latin1(bytes).split("\0")[0] ?? "");
}

/** True if it is about a queue of a net device, which is no device itself. */
export function isOfObject(bytes: Uint8Array): boolean {
  return latin1(bytes).includes("\0SUBSYSTEM=queues\0");
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** The last number that a datagram carries. */
export function seqnumOf(bytes: Uint8Array): number {
  return Number(/SEQNUM=(\d+)\0$/.exec(latin1(bytes))?.[1]);
}

export function withoutSeqnum(bytes: Uint8Array): string {
  return latin1(bytes).replace(/SEQNUM=\d+\0$/, "");
}

/** Waits until the condition holds, for at most ten seconds, or as many as are said. */
export async function until(condition: () => boolean, what: string, seconds = 10): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
