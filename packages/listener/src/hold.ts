import { isIdle } from "./idle.js";

/**
 * Milliseconds between two looks at what else holds the process: at first, while it is busy, after wrong guesses.
 * Each is the one before times a power of two, so that the looks of all listeners of a process meet.
 */
const LOOK_MS = 100;
const LOOK_MS_BUSY = 800;
const LOOK_MS_MAX = 51_200;

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
    const ms = this.#lookMs - (performance.now() % this.#lookMs); // one that is let go alone does not end the process
    this.#timer = setTimeout(() => this.#look(), ms).unref();
  }

  #look(): void {
    if (!isIdle()) {
      this.#lookMs = Math.max(this.#lookMs, Math.min(2 * this.#lookMs, LOOK_MS_BUSY));
      return this.#lookLater();
    }
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
