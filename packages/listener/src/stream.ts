import type { Gap } from "./types.js";

/** Messages that may wait for one iterator. Beyond it they are counted, and a Gap stands where they are missing. */
export const STREAM_LIMIT = 1024;

interface Waiting<M> {
  readonly resolve: (result: IteratorResult<M | Gap, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** A bounded queue that one reader iterates. */
export class Stream<M extends object> implements AsyncIterableIterator<M | Gap, undefined, undefined> {
  readonly #queue: (M | Gap)[] = [];
  readonly #readers: Waiting<M>[] = [];
  readonly #onReturn: (stream: Stream<M>) => void;
  #lost: Gap["lost"] = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(onReturn: (stream: Stream<M>) => void) {
    this.#onReturn = onReturn;
  }

  push(message: M | Gap): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader) return reader.resolve({ done: false, value: message });
    if (this.#queue.length >= STREAM_LIMIT) {
      this.#lost = sum(this.#lost, "kind" in message && message.kind === "gap" ? message.lost : 1);
      return;
    }
    this.#flushGap();
    this.#queue.push(message);
  }

  /** No more will come; what waits is still read, and then the error if there is one. */
  end(failure?: { readonly error: unknown }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const reader of this.#readers.splice(0)) this.next().then(reader.resolve, reader.reject);
  }

  async next(): Promise<IteratorResult<M | Gap, undefined>> {
    if (this.#queue.length === 0) this.#flushGap();
    const value = this.#queue.shift();
    if (value) return { done: false, value };
    if (!this.#ended) return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<M | Gap, undefined>> {
    this.#queue.length = 0;
    this.#lost = 0;
    this.end();
    this.#onReturn(this);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #flushGap(): void {
    if (this.#lost === 0) return;
    this.#queue.push({ kind: "gap", lost: this.#lost, where: "stream" });
    this.#lost = 0;
  }
}

function sum(a: Gap["lost"], b: Gap["lost"]): Gap["lost"] {
  return a === "unknown" || b === "unknown" ? "unknown" : a + b;
}
