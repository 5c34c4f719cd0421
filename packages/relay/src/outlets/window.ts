import { charge } from "./charge.js";

/** Bytes by which the window grows: one event, */
const GROWTH_BYTES = 1280;
/** each time that so many windows have been read without a loss: sooner, and what is told again after a loss would be lost again. */
const CALM_WINDOWS = 8;

/** Bytes that readers are trusted to hold: halved when one lost something, grown again while all keep up. */
export class Window {
  readonly #most: number;
  #size: number;
  #room: number;
  #calm = 0; // bytes that were said since it changed

  constructor(most: number) {
    this.#most = most;
    this.#size = most;
    this.#room = most;
  }

  get hasRoom(): boolean {
    return this.#room > 0;
  }

  /** This is said. */
  charge(bytes: Uint8Array): void {
    this.#room -= charge(bytes.length);
    this.#calm += charge(bytes.length);
  }

  /** So many bytes wait for who has the most of those who are waited for. */
  waits(bytes: number): void {
    this.#room = this.#size - bytes;
  }

  /** Somebody lost something. */
  halve(): void {
    this.#size = Math.max(1, this.#size >> 1); // 1: one event at a time, which any buffer holds
    this.#calm = 0;
  }

  /** All have read all, and lost nothing. */
  calm(): void {
    if (this.#calm < CALM_WINDOWS * this.#size) return;
    this.#size = Math.min(this.#most, this.#size + GROWTH_BYTES);
    this.#calm = 0;
  }
}
