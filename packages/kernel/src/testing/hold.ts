const A_DAY = 86_400_000; // ms

/** Keeps the process alive while something is open and referenced, as libuv's handles do. */
export class Hold {
  readonly #holders = new Set<object>();
  #timer: NodeJS.Timeout | undefined;

  /** True while the process is held. */
  get active(): boolean {
    return this.#holders.size > 0;
  }

  set(holder: object, holds: boolean): void {
    if (holds) this.#holders.add(holder);
    else this.#holders.delete(holder);
    if (this.active) this.#timer ??= setInterval(() => {}, A_DAY);
    else this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
