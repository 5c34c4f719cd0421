import type { Gap, Message, StreamOptions } from "./types.js";

const DEFAULT_HIGH_WATER_MARK = 1024;

/**
 * Messages that wait for a reader that takes them one by one. Beyond the mark they are lost, and a gap says how many.
 * The reader ends it by leaving its loop, by abort, or when `end` is called.
 */
export class MessageStream implements AsyncIterableIterator<Message> {
  readonly #mark: number;
  readonly #onEnd: () => void;
  #waiting: Message[] = [];
  #lost = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(options: StreamOptions, onEnd: () => void) {
    this.#mark = options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK;
    this.#onEnd = onEnd;
    options.signal?.addEventListener("abort", () => this.end(), { once: true });
    if (options.signal?.aborted) this.end();
  }

  push(message: Message): void {
    if (this.#ended) return;
    if (this.#waiting.length >= this.#mark) this.#lost++;
    else this.#waiting.push(message);
    this.#wake?.();
  }

  /** What waits is still handed out. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
    this.#wake?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Message>> {
    for (;;) {
      const value = this.#take();
      if (value) return { done: false, value };
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async return(): Promise<IteratorResult<Message>> {
    this.#waiting = [];
    this.#lost = 0;
    this.end();
    return { done: true, value: undefined };
  }

  #take(): Message | undefined {
    const next = this.#waiting.shift();
    if (next || this.#lost === 0) return next;
    const gap: Gap = { kind: "gap", lost: this.#lost, where: "stream" };
    this.#lost = 0;
    return gap;
  }
}
