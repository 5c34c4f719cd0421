import type { Listener } from "@uevent-bridge/listener";

/** Has a listener hold the process as long as somebody does. */
export class Holders {
  readonly #listener: Pick<Listener, "ref" | "unref">;
  readonly #holders = new Set<object>();

  constructor(listener: Pick<Listener, "ref" | "unref">) {
    this.#listener = listener;
  }

  add(holder: object): void {
    this.#holders.add(holder);
    this.#listener.ref();
  }

  delete(holder: object): void {
    this.#holders.delete(holder);
    if (this.#holders.size === 0) this.#listener.unref();
  }
}
