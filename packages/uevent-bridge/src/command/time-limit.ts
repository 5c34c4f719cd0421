/**
 * Aborts when a signal does, or after so many milliseconds, until it is disposed of. `AbortSignal.any` does not keep what it is made of:
 * an `AbortSignal.timeout` that only it knows is collected as garbage, and its time never comes.
 */
export class TimeLimit implements Disposable {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(signal: AbortSignal, ms: number) {
    const expired = new AbortController();
    this.#timer = setTimeout(() => expired.abort(), ms); // holds the controller
    this.signal = AbortSignal.any([signal, expired.signal]);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
