import type { Container } from "@uevent-bridge/relay";
import type { Uevent } from "@uevent-bridge/uevent";

/** Says when a container was told something. */
export class News implements Disposable {
  /** The last event that was forwarded. */
  last: Uevent | undefined;
  readonly #container: Container;
  readonly #signal: AbortSignal;
  #wake: () => void = () => {};

  constructor(container: Container, signal: AbortSignal) {
    this.#container = container;
    this.#signal = signal;
    container.on("forwarded", this.#onForwarded);
    container.on("resync", this.#onResync);
    signal.addEventListener("abort", this.#onResync);
  }

  /** Resolves at the next news, or when the signal aborts. A second call replaces the first. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#signal.aborted) resolve();
    });
  }

  [Symbol.dispose](): void {
    this.#container.off("forwarded", this.#onForwarded);
    this.#container.off("resync", this.#onResync);
    this.#signal.removeEventListener("abort", this.#onResync);
  }

  readonly #onForwarded = (event: Uevent): void => {
    this.last = event;
    this.#wake();
  };

  readonly #onResync = (): void => this.#wake();
}
