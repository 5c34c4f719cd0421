import { Stream } from "./stream.js";
import type { Gap } from "./types.js";

/** All who iterate the same messages, each at a pace of its own. The first finds what was said before it came. */
export class Streams<M extends object> {
  readonly #open = new Set<Stream<M>>();
  #end: { readonly failure?: { readonly error: unknown } } | undefined;
  /** Waits for the first reader; undefined when there was one. */
  #first: Stream<M> | undefined = this.#start();

  /** Takes up what is said from now on; for the first time, what was said from the beginning. */
  open(): Stream<M> {
    const stream = this.#first ?? this.#start();
    this.#first = undefined;
    return stream;
  }

  push(message: M | Gap): void {
    for (const stream of this.#open) stream.push(message);
  }

  end(): void {
    this.#stop({});
  }

  /** Ends all with this error, and those to come. Returns how many readers heard it. */
  fail(error: unknown): number {
    const readers = this.#open.size - (this.#first && this.#open.has(this.#first) ? 1 : 0);
    this.#stop({ failure: { error } });
    return readers;
  }

  /** Those to come find nothing wrong any more. */
  mend(): void {
    if (!this.#end) return;
    this.#end = undefined;
    if (this.#first) this.#first = this.#start();
  }

  #start(): Stream<M> {
    const stream = new Stream<M>((done) => this.#open.delete(done));
    if (this.#end) stream.end(this.#end.failure);
    else this.#open.add(stream);
    return stream;
  }

  #stop(end: { readonly failure?: { readonly error: unknown } }): void {
    const streams = [...this.#open];
    this.#open.clear();
    this.#end = end;
    for (const stream of streams) stream.end(end.failure);
  }
}
