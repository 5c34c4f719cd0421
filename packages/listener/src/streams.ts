import { Stream } from "./stream.js";
import type { Gap } from "./types.js";

/** All who iterate the same messages, each at a pace of its own. */
export class Streams<M extends object> {
  readonly #open = new Set<Stream<M>>();
  #end: { readonly failure?: { readonly error: unknown } } | undefined;

  open(): Stream<M> {
    const stream = new Stream<M>((done) => this.#open.delete(done));
    if (this.#end) stream.end(this.#end.failure);
    else this.#open.add(stream);
    return stream;
  }

  push(message: M | Gap): void {
    for (const stream of this.#open) stream.push(message);
  }

  end(): void {
    this.#stop({});
  }

  /** Ends all with this error, and those to come. Returns how many heard it. */
  fail(error: unknown): number {
    return this.#stop({ failure: { error } });
  }

  /** Those to come find nothing wrong any more. */
  mend(): void {
    this.#end = undefined;
  }

  #stop(end: { readonly failure?: { readonly error: unknown } }): number {
    const streams = [...this.#open];
    this.#open.clear();
    this.#end = end;
    for (const stream of streams) stream.end(end.failure);
    return streams.length;
  }
}
