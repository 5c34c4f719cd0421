import { decode, isMalformed } from "@uevent-bridge/uevent";

import { Numbers } from "./numbers.js";
import { Receiver } from "./receiver.js";
import type { Gap, ListenOptions, RawListener, RawListenerEvents } from "./types.js";

/**
 * Listens as any program of the container may, to datagrams in the kernel's form. Their SEQNUM counts what the relay
 * told this listener: a step is a gap.
 *
 * @throws ListenerError ADDON_MISSING, PATH_UNUSABLE
 */
export async function listenRaw(options: ListenOptions = {}): Promise<RawListener> {
  return new KernelFormListener(options);
}

class KernelFormListener extends Receiver<Uint8Array, RawListenerEvents> implements RawListener {
  readonly #numbers = new Numbers();

  constructor(options: ListenOptions) {
    super(".sock", options);
  }

  protected receive(datagram: Uint8Array): void {
    const event = decode(datagram);
    const seqnum = isMalformed(event) ? undefined : event.seqnum;
    const missing = seqnum === undefined ? 0 : this.#numbers.take(Number(seqnum));
    if (missing > 0) this.#gap(missing, "container");
    this.streams.push(datagram);
    this.tell(() => this.emit("datagram", datagram));
  }

  protected cut(): void {
    this.#gap(1, "listener");
  }

  #gap(lost: number, where: Gap["where"]): void {
    const gap: Gap = { kind: "gap", lost, where };
    this.streams.push(gap);
    this.tell(() => this.emit("gap", gap));
  }
}
