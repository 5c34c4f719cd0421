import type { EventEmitter } from "eventemitter3";

import type { KnownDevice } from "./known-device.js";
import type { View } from "./view.js";
import { LocalOutlet } from "./outlets/local-outlet.js";
import { MessageStream } from "./stream.js";
import type { ContainerEvents, Gap, Message, StreamOptions } from "./types.js";

/** How the caller in this process hears what a container is told: as events, as streams, and as the devices that it was told of. */
export class Ear {
  readonly outlet: LocalOutlet;
  readonly #emitter: EventEmitter<ContainerEvents>;
  readonly #streams = new Set<MessageStream>();

  /** @param onChanged it was told of other devices than before */
  constructor(view: View, emitter: EventEmitter<ContainerEvents>, onChanged: () => void) {
    this.#emitter = emitter;
    this.outlet = new LocalOutlet(view, {
      isHeard: () => this.#streams.size > 0 || emitter.listenerCount("forwarded") > 0,
      onChanged,
      onEvent: (event) => {
        this.#push(event);
        emitter.emit("forwarded", event);
      },
    });
  }

  told(): ReadonlySet<KnownDevice> {
    return new Set(this.outlet.told());
  }

  open(options: StreamOptions): MessageStream {
    const stream: MessageStream = new MessageStream(options, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  gap(gap: Gap): void {
    this.#push(gap);
    this.#emitter.emit("gap", gap);
  }

  end(): void {
    for (const stream of this.#streams) stream.end();
  }

  #push(message: Message): void {
    for (const stream of this.#streams) stream.push(message);
  }
}
