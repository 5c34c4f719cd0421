type TakeAway = () => Promise<void>;

/** A directory of the host that a running container finds, until it is taken away again. */
export class Placed {
  readonly #onLeaving: (work: Promise<void>) => void;
  #takeAway: TakeAway | undefined;
  #closed = false;

  /** @param onLeaving this is still to be done in the container */
  constructor(onLeaving: (work: Promise<void>) => void) {
    this.#onLeaving = onLeaving;
  }

  /** @param placing resolves to how it is taken away, if it can be. @throws what that throws */
  async place(placing: Promise<TakeAway | undefined>): Promise<void> {
    const placed = placing.then(() => undefined);
    this.#onLeaving(placed.catch(() => undefined)); // it may be closed meanwhile; who asked is told what went wrong
    const takeAway = await placing;
    if (this.#closed) await takeAway?.();
    else this.#takeAway = takeAway;
  }

  leave(): void {
    if (this.#takeAway) this.#onLeaving(this.#takeAway());
    this.#takeAway = undefined;
  }

  /** Calls back when it is not in use any more. */
  close(whenUnused: () => void): void {
    this.#closed = true;
    const takeAway = this.#takeAway?.();
    if (takeAway) this.#onLeaving(takeAway.finally(whenUnused));
    else whenUnused();
  }
}
