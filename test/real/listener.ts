import { openReceiver } from "@uevent-bridge/linux/testing";

/** A listener as a container would bind it; it keeps what it heard, each datagram copied. */
export function openListener(
  path: string,
): Disposable & { readonly heard: Uint8Array[]; drain(): void; close(): void } {
  const heard: Uint8Array[] = [];
  const receiver = openReceiver(path, (batch) => {
    for (let i = 0; i < batch.count; i++) heard.push(batch.slab.slice(batch.starts[i], batch.ends[i]));
  });
  receiver.resume();
  return {
    heard,
    drain: () => receiver.drain(),
    close: () => receiver.close(),
    [Symbol.dispose]: () => receiver.close(),
  };
}

/** `ACTION@DEVPATH` of each datagram. */
export function headers(datagrams: readonly Uint8Array[]): string[] {
  return datagrams.map((bytes) => latin1(bytes).split("\0")[0] ?? "");
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

export function withoutSeqnum(bytes: Uint8Array): string {
  return latin1(bytes).replace(/SEQNUM=\d+\0$/, "");
}

/** Waits until the condition holds, for at most ten seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited 10 s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
