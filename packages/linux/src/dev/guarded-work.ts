import { closeSync } from "node:fs";

import type { KernelError } from "@uevent-bridge/kernel";

import { READABLE } from "../addon.js";
import type { Addon, Watch } from "../addon.js";
import { unusable } from "../directory-open.js";
import { codeOf } from "../errno.js";
import { watchOrClose } from "../watch.js";
import type { Client, Hand } from "./hand.js";
import { Patience } from "./patience.js";

const WORTH_MS = 50; // of patience that are to be there before it is tried again
const AGAIN_MS = 1000; // until what failed is tried again, twice as long each time …
const AGAIN_MAX_MS = 64_000; // … up to this

/** What is to be done so that all is there again. @param all of what nothing is known; else what failed is enough */
export type Restore = (all: boolean) => Iterable<() => void>;

/**
 * The work of a hand in a directory which programs of a container read, and so may hold up. While it is held up nothing is done; when it is
 * held up no more, all is brought to what it should be by then, and so it is some time after something failed: there may be room again.
 */
export class GuardedWork implements Client {
  readonly #addon: Addon;
  readonly #hand: Hand;
  readonly #restore: Restore;
  #held: { readonly socket: number; readonly watch: Watch } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #againMs = AGAIN_MS;
  #failure: Error | undefined;
  readonly #patience = new Patience();

  /** @param hand is held until it is closed */
  constructor(addon: Addon, hand: Hand, restore: Restore) {
    this.#addon = addon;
    this.#hand = hand;
    this.#restore = restore;
    hand.hold();
  }

  get isHeldUp(): boolean {
    return this.#held !== undefined || this.#timer !== undefined;
  }

  get patience(): number {
    return Math.max(1, this.#patience.left);
  }

  /**
   * Does it, unless the directory is held up: then it is done later, if it is what is to be there by then.
   * @throws Error that came of it, or of what was done later before; ETIMEDOUT: it is held up
   */
  do(work: () => void): void {
    if (!this.isHeldUp) this.#do(work);
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
  }

  /** Something failed: what is to be there is put there later. */
  tryAgain(): void {
    if (this.#again || this.isHeldUp) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      if (!this.isHeldUp) this.#doAll(false);
    }, this.#againMs).unref();
    this.#againMs = Math.min(2 * this.#againMs, AGAIN_MAX_MS);
  }

  slept(ms: number): void {
    this.#patience.lose(ms);
  }

  heldUp(socket: number): void {
    this.#patience.giveUp();
    const watch = watchOrClose(this.#addon, socket, () => this.#goOn());
    this.#held = { socket, watch };
    watch.unref();
    watch.start(READABLE);
  }

  close(): void {
    this.#letGo();
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    this.#hand.letGo();
  }

  #do(work: () => void): void {
    try {
      this.#hand.workFor(this, work);
    } catch (error) {
      this.tryAgain();
      throw error;
    }
  }

  /** The process has done what it was asked for, and ends with its socket. */
  #letGo(): void {
    this.#held?.watch.close();
    if (this.#held) closeSync(this.#held.socket);
    this.#held = undefined;
  }

  /** Who holds it up again and again is waited for the longer. */
  #goOn(): void {
    this.#letGo();
    const ms = this.#patience.until(WORTH_MS);
    if (ms <= 0) return this.#doAll(true);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#doAll(true);
    }, ms).unref();
  }

  /** Nobody is there to hear of what fails: who has the next thing done does. */
  #doAll(all: boolean): void {
    let failure: Error | undefined;
    this.#hand.workFor(this, () => {
      for (const step of this.#restore(all)) failure = attempted(step) ?? failure;
    });
    if (all) this.#failure = failure; // else it has been said
    if (failure) this.tryAgain();
    else this.#againMs = AGAIN_MS;
  }
}

/** What it threw. */
function attempted(step: () => void): Error | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** Undefined if it failed for another reason. */
export function asHeldUp(path: string, cause: unknown): KernelError | undefined {
  if (codeOf(cause) !== "ETIMEDOUT") return undefined;
  const problem = "a program in the container holds it up: it reads it into memory that a file system of its own gives";
  const remedy =
    "abort that file system, which is FUSE: umount -f it in the mount namespace of the program, which ps shows in state D, or write 1 " +
    "to its /sys/fs/fuse/connections/N/abort; then all that is to be in the directory is put there";
  return unusable(path, problem, remedy, cause);
}
