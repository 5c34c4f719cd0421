import { join } from "node:path";

import type { Batch } from "@uevent-bridge/kernel";

import type { Channel } from "./sighting.js";

/** What a container's program reports. */
export type FromInside =
  | { readonly kind: "sighting"; readonly channel: Channel; readonly at: bigint; readonly bytes: Uint8Array }
  | { readonly kind: "ready" | "synced" };

/** What it is asked for: that it reads all that waits, and says so. */
export type ToInside = "sync";

/** Something with datagrams in it. */
interface Readable {
  resume(): void;
  drain(): void;
  close(): void;
}

/**
 * The program of a throw-away container: binds a socket in the directory, listens to its own netlink group, and reports
 * each datagram with the time at which it was read, until its parent lets go of it.
 */
export async function receiveInside(directory: string): Promise<void> {
  const inputs = await openInputs(directory);
  const ended = new Promise<void>((resolve) => void process.once("disconnect", resolve));
  process.on("message", (message: ToInside) => {
    if (message !== "sync") return;
    for (const input of inputs) input.drain();
    report({ kind: "synced" });
  });
  for (const input of inputs) input.resume();
  report({ kind: "ready" });
  await ended;
  for (const input of inputs) input.close();
}

async function openInputs(directory: string): Promise<Readable[]> {
  const { openLinux } = await import("@uevent-bridge/linux");
  const { openReceiver } = await import("@uevent-bridge/linux/testing");
  return [
    openReceiver(join(directory, "demo.sock"), reportBatch("socket")),
    openLinux().openSource({ group: "kernel", onBatch: reportBatch("netlink") }),
  ];
}

function reportBatch(channel: Channel): (batch: Batch) => void {
  return (batch) => {
    const at = process.hrtime.bigint();
    for (let i = 0; i < batch.count; i++) {
      report({ kind: "sighting", channel, at, bytes: batch.slab.slice(batch.starts[i], batch.ends[i]) });
    }
  };
}

function report(message: FromInside): void {
  process.send?.(message);
}
