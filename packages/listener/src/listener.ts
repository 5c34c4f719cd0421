import { isMalformed, toUevent } from "@uevent-bridge/uevent";

import { Devices } from "./devices.js";
import { ListenerError } from "./errors.js";
import { Numbers } from "./numbers.js";
import { Receiver } from "./receiver.js";
import type { Gap, Listener, ListenerEvents, ListenOptions, Message } from "./types.js";
import type { WireEvent, WireMessage } from "./wire.js";
import { decodeWire, WIRE_VERSION } from "./wire.js";

/**
 * Listens to the relay of this container: first all devices that are there, as `add`, then what happens to them.
 *
 * @throws ListenerError ADDON_MISSING, PATH_UNUSABLE
 * @example
 * const listener = await listen();
 * for await (const message of listener) {
 *   if (message.kind === "event") console.log(message.action, message.devpath);
 * }
 */
export async function listen(options: ListenOptions = {}): Promise<Listener> {
  return new MsgpackListener(options);
}

class MsgpackListener extends Receiver<Message, ListenerEvents> implements Listener {
  readonly #devices = new Devices();
  readonly #numbers = new Numbers();
  #understood = true;

  constructor(options: ListenOptions) {
    super(".msgpack.sock", options);
  }

  get devices() {
    return this.#devices.view;
  }

  protected receive(datagram: Uint8Array): void {
    for (const message of decodeWire(datagram)) this.#take(message);
  }

  protected cut(): void {
    this.#take({ kind: "damaged", reason: "too long" });
  }

  #take(message: WireMessage): void {
    if (message.kind === "hello") return this.#hello(message.version);
    if (!this.#understood) return;
    switch (message.kind) {
      case "event":
        return this.#event(message);
      case "gap":
        this.#devices.gap();
        this.#numbers.skip(message.lost);
        return this.#gap(message.lost, message.where);
      case "synced":
        return this.#synced();
      case "damaged":
        this.#numbers.skip("unknown");
        return this.#lost("unknown");
    }
  }

  #hello(version: number): void {
    this.#understood = version === WIRE_VERSION;
    if (!this.#understood) {
      this.#gap("unknown", "listener");
      return this.fail(misunderstood(version));
    }
    this.streams.mend();
    this.#numbers.restart();
    this.#devices.hello();
  }

  #event({ seq, bytes, device }: WireEvent): void {
    const missing = this.#numbers.take(seq);
    if (missing > 0) this.#lost(missing);
    const event = toUevent(bytes);
    if (isMalformed(event)) return this.#gap(1, "listener");
    if (device) this.#devices.apply(event);
    this.streams.push(event);
    this.tell(() => this.emit("event", event));
  }

  #synced(): void {
    const change = this.#devices.synced();
    if (change) this.tell(() => this.emit("resync", change));
  }

  /** On the way: the relay does not know it, and so would not make up for it. */
  #lost(lost: Gap["lost"]): void {
    this.#gap(lost, "listener");
    this.renew();
  }

  #gap(lost: Gap["lost"], where: Gap["where"]): void {
    const gap: Gap = { kind: "gap", lost, where };
    this.streams.push(gap);
    this.tell(() => this.emit("gap", gap));
  }
}

function misunderstood(version: number): ListenerError {
  const message = `the relay speaks version ${version} of the msgpack form, this listener version ${WIRE_VERSION}`;
  const older = version > WIRE_VERSION ? "in the container" : "on the host";
  return new ListenerError("VERSION_MISMATCH", message, { remedy: `Update uevent-bridge ${older}.` });
}
