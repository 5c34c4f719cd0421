import { onceAborted } from "./abort.js";
import type { Gap, Message, StreamOptions } from "./types.js";

const DEFAULT_HIGH_WATER_MARK = 1024;

/**
 * Messages that wait for a reader that takes them one by one. Beyond the mark they are lost, and a gap says how many.
 * The reader ends it by leaving its loop, by abort, or when `end` is called.
 */
export class MessageStream implements AsyncIterableIterator<Message> {
  readonly #mark: number;
  readonly #onEnd: () => void;
  readonly #forgetSignal: () => void;
  #waiting: Message[] = [];
  #lost = 0;
  #ended = false;
  #readers: (() => void)[] = []; // that wait for a message

  constructor(options: StreamOptions, onEnd: () => void) {
    this.#mark = options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK;
    this.#onEnd = onEnd;
    this.#forgetSignal = onceAborted(options.signal, () => this.end());
  }

  push(message: Message): void {
    if (this.#ended) return;
    if (this.#waiting.length >= this.#mark) this.#lost++;
    else this.#waiting.push(...this.#takeGap(), message);
    this.#wake();
  }

  /** What waits is still handed out. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#forgetSignal();
    this.#onEnd();
    this.#wake();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Message>> {
    for (;;) {
      const value = this.#take();
      if (value) return { done: false, value };
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => this.#readers.push(resolve));
    }
  }

  async return(): Promise<IteratorResult<Message>> {
    this.#waiting = [];
    this.#lost = 0;
    this.end();
    return { done: true, value: undefined };
  }

  #take(): Message | undefined {
    return this.#waiting.shift() ?? this.#takeGap()[0];
  }

  /** What was lost since the last message that waits, if anything was. */
  #takeGap(): Gap[] {
    if (this.#lost === 0) return [];
    const gap: Gap = { kind: "gap", lost: this.#lost, where: "stream" };
    this.#lost = 0;
    return [gap];
  }

  #wake(): void {
    for (const resolve of this.#readers.splice(0)) resolve();
  }
}
