/** Milliseconds between two looks at what else holds the process, and the most after wrong guesses. */
const LOOK_MS = 100;
const LOOK_MS_MAX = 60_000;

/** A process that has not ended after so many milliseconds is held by something that we cannot see. */
const END_MS = 10;

export interface Held {
  readonly letGo: () => void;
  readonly takeBack: () => void;
}

/**
 * `unref()` for a handle that has none: unix-dgram's poll always holds the process. While unreferenced, it looks now and
 * then whether Node knows of anything else that holds the process; if not, the handle is let go, so that the process ends.
 * If it does not end after all, the handle is taken back and the next look comes later.
 */
export class Hold {
  readonly #held: Held;
  #timer: NodeJS.Timeout | undefined;
  #lookMs = LOOK_MS;
  #away = false;

  constructor(held: Held) {
    this.#held = held;
  }

  ref(): void {
    this.cancel();
    if (this.#away) this.#takeBack();
  }

  unref(): void {
    if (!this.#timer) this.#lookLater();
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => this.#look(), this.#lookMs).unref();
  }

  #look(): void {
    if (process.getActiveResourcesInfo().length > 0) return this.#lookLater();
    this.#away = true;
    this.#held.letGo();
    this.#timer = setTimeout(() => this.#wentOn(), END_MS).unref(); // runs only if the process does not end
  }

  #wentOn(): void {
    this.#lookMs = Math.min(2 * this.#lookMs, LOOK_MS_MAX);
    this.#lookLater();
    this.#takeBack();
  }

  #takeBack(): void {
    this.#away = false;
    this.#held.takeBack();
  }
}
