import type { Message, StreamOptions } from "./types.js";
import { MessageStream } from "./stream.js";

/** The streams that are open on one container or relay. */
export class Streams {
  readonly #open = new Set<MessageStream>();

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  open(options: StreamOptions): MessageStream {
    const stream: MessageStream = new MessageStream(options, () => this.#open.delete(stream));
    if (!options.signal?.aborted) this.#open.add(stream);
    return stream;
  }

  push(message: Message): void {
    for (const stream of this.#open) stream.push(message);
  }

  end(): void {
    for (const stream of this.#open) stream.end();
  }
}
