import { closeSync } from "node:fs";

import type { KernelError } from "@uevent-bridge/kernel";

import { READABLE } from "../addon.js";
import type { Addon, Watch } from "../addon.js";
import { unusable } from "../directory-open.js";
import { codeOf } from "../errno.js";
import type { Client, Hand } from "./hand.js";
import { Patience } from "./patience.js";

const WORTH_MS = 50; // of patience that are to be there before it is tried again

/** What is to be done so that all is there again. */
export type Steps = Iterable<() => void>;

/**
 * The work of a hand in a directory which programs of a container read, and so may hold up. While it is held up nothing is done; when it is
 * held up no more, all is brought to what it should be by then.
 */
export class GuardedWork implements Client {
  readonly #addon: Addon;
  readonly #hand: Hand;
  readonly #restore: () => Steps;
  #held: { readonly socket: number; readonly watch: Watch } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  readonly #patience = new Patience();

  /** @param hand is held until it is closed */
  constructor(addon: Addon, hand: Hand, restore: () => Steps) {
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
    if (!this.isHeldUp) this.#hand.workFor(this, work);
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
  }

  slept(ms: number): void {
    this.#patience.lose(ms);
  }

  heldUp(socket: number): void {
    this.#patience.giveUp();
    const watch = new this.#addon.Watch(socket, () => this.#goOn());
    this.#held = { socket, watch };
    watch.unref();
    watch.start(READABLE);
  }

  close(): void {
    this.#letGo();
    clearTimeout(this.#timer);
    this.#hand.letGo();
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
    if (ms <= 0) return this.#doAll();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#doAll();
    }, ms).unref();
  }

  /** Nobody is there to hear of what fails: who has the next thing done does. */
  #doAll(): void {
    this.#failure = undefined;
    this.#hand.workFor(this, () => {
      for (const step of this.#restore()) this.#attempt(step);
    });
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#failure ??= error;
    }
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
