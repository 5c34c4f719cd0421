import { closeSync, readFileSync } from "node:fs";

import type { Addon } from "../addon.js";
import { ERRNO } from "../errno.js";
import { ANSWER_SIZE, bytesOf, foundIn, hasAnswered, sleptIn, withCode } from "./hand-order.js";
import type { Found, Likeness, Order, Work } from "./hand-order.js";
import { isHeldUp } from "./held-up.js";

const PATIENCE_MS = 500; // in which it has to answer
const EMPTY_MS = 60_000; // for what is in a directory to be taken out
const STARVED_MS = 5000; // for which it is waited for while it has no processor, or waits for the others
const SLICE_MS = 20; // between two looks at which it is

/** On whose behalf it works. */
export interface Client {
  /** True if it has been given up: nothing more is asked for. */
  readonly isHeldUp: boolean;
  /** Milliseconds for which it may be held up. */
  readonly patience: number;
  /** It was held up for so many milliseconds, and has answered. */
  slept(ms: number): void;
  /** It is given up. What is to be read from the socket later says that it is held up no more; the socket is the client's. */
  heldUp(socket: number): void;
}

interface Begun {
  readonly socket: number;
  readonly pid: number;
}

export interface Listed {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** A process of ours that works in directories which others may hold up. All calls throw an Error with the system's code. */
export class Hand {
  readonly #addon: Addon;
  #begun: Begun | undefined;
  #client: Client | undefined;
  #users = 0;

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  /** It is needed until it is let go as often. */
  hold(): void {
    this.#users++;
  }

  letGo(): void {
    if (--this.#users === 0) this.#end();
  }

  /** Works on behalf of a client meanwhile; else it is given up when it does not answer. */
  workFor(client: Client, work: () => void): void {
    this.#client = client;
    try {
      work();
    } finally {
      this.#client = undefined;
    }
  }

  /** Opens the `/dev` that is seen from a root of a mount namespace. @throws Error ENOTSUP: it is in no tmpfs */
  openDev(mntns: number, root: number): number {
    return this.#ask("open", [mntns, root], { path: "dev" }).result;
  }

  /** Undefined if nothing is there. */
  look(directory: number, path: string): Found | undefined {
    try {
      return this.#ask("look", [directory], { path }).found;
    } catch (error) {
      if (isCode(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  /** Makes something. Returns its inode. @param target of a link */
  make(directory: number, path: string, like: Likeness, target = ""): bigint {
    return this.#ask("make", [directory], { path, like, text: target }).found.inode;
  }

  /** Gives what has this inode another name, which nothing has. */
  name(directory: number, path: string, inode: bigint, name: string): void {
    this.#ask("name", [directory], { path, inode, text: name });
  }

  /** Gives it other rights and another owner. */
  change(directory: number, path: string, inode: bigint, like: Likeness): void {
    this.#ask("change", [directory], { path, inode, like });
  }

  /** Whether it can be opened, which is the node of null. */
  tryToOpen(directory: number, path: string, inode: bigint): void {
    this.#ask("try", [directory], { path, inode });
  }

  remove(directory: number, path: string, inode: bigint): void {
    this.#ask("remove", [directory], { path, inode });
  }

  /**
   * In a directory of ours: puts something there, in the place of what is there but a directory. Directories above it come with it.
   * @param workshop a directory of the same file system into which nobody looks
   */
  put(directory: number, workshop: number, path: string, like: Likeness, target = ""): void {
    this.#ask("put", [directory, workshop], { path, like, text: target });
  }

  /** The same with a file that has this text; nobody finds half of it. */
  write(directory: number, path: string, text: string, mode: number): void {
    this.#ask("write", [directory], { path, text, like: { mode } });
  }

  /** In a directory of ours: what is not there, is away. @throws Error ENOTEMPTY */
  take(directory: number, path: string): void {
    this.#ask("take", [directory], { path });
  }

  /** What is there, where mounts are entered on the way, with the number of its file system. Undefined if nothing is. */
  find(directory: number, path: string): Found | undefined {
    try {
      return this.#ask("find", [directory], { path }).found;
    } catch (error) {
      if (isNothing(error)) return undefined;
      throw error;
    }
  }

  /** Takes away what is mounted there, where mounts are entered on the way. False if nothing is. */
  unmount(directory: number, path: string): boolean {
    try {
      return this.#ask("unmount", [directory], { path }).result === 0;
    } catch (error) {
      if (isNothing(error) || isCode(error, "EINVAL")) return false;
      throw error;
    }
  }

  /** Mounts what is mounted nowhere yet, where mounts are entered on the way. */
  place(tree: number, directory: number, path: string): void {
    this.#ask("place", [directory, tree], { path });
  }

  /** What is in a directory. */
  list(directory: number, path: string): readonly Listed[] {
    const { result } = this.#ask("list", [directory], { path });
    try {
      const entries = readFileSync(result, "latin1").split("\0").slice(0, -1);
      return entries.map((entry) => ({ name: entry.slice(1), isDirectory: entry.startsWith("d") }));
    } finally {
      closeSync(result);
    }
  }

  /** Takes out what is in a directory, whatever it is, as far as we may. */
  empty(directory: number): void {
    const end = performance.now() + EMPTY_MS;
    while (!this.#isEmptied(directory) && performance.now() < end);
  }

  /** True if nothing more can be taken out. */
  #isEmptied(directory: number): boolean {
    try {
      this.#ask("empty", [directory], { path: "." });
      return true;
    } catch (error) {
      if (isCode(error, "EAGAIN")) return false;
      throw error;
    }
  }

  #ask(work: Work, [directory, other = -1]: readonly [number, number?], order: Order) {
    if (this.#client?.isHeldUp) throw withCode(work, -ERRNO.ETIMEDOUT);
    const bytes = bytesOf(work, order);
    const begun = (this.#begun ??= this.#begin());
    const answer = Buffer.alloc(ANSWER_SIZE);
    const ms = Math.ceil(Math.min(this.#client?.patience ?? PATIENCE_MS, PATIENCE_MS));
    const first = this.#addon.askHand(begun.socket, directory, other, bytes, answer, Math.min(ms, SLICE_MS));
    const { result, heldMs } = this.#await(first, begun, answer, ms);
    if (result === -ERRNO.ETIMEDOUT) this.#giveUp(ms);
    else if (result < 0 && !hasAnswered(answer))
      this.#end(); // it has ended; or its answer would be taken for that to the next
    else this.#client?.slept(Math.min(sleptIn(answer), heldMs));
    if (result < 0) throw withCode(work, result);
    return { result, found: foundIn(answer) };
  }

  /**
   * Waits until it has been held up for so many milliseconds. Who is held up sleeps; who only has no processor yet, or waits for the kernel's
   * other processors, is waited for, within a bound. `heldMs`: for which it can have been held up.
   */
  #await(first: number, { socket, pid }: Begun, answer: Buffer, ms: number): { result: number; heldMs: number } {
    const slice = Math.min(ms, SLICE_MS);
    let [heldMs, starvedMs] = [0, 0];
    for (let result = first; ; result = this.#addon.awaitHand(socket, answer, slice)) {
      if (result !== -ERRNO.ETIMEDOUT) return { result, heldMs: mostHeldMs(heldMs, starvedMs) };
      if (isHeldUp(pid)) heldMs += slice;
      else starvedMs += slice;
      if (heldMs >= ms || starvedMs >= STARVED_MS) return { result, heldMs };
    }
  }

  /** It lives on until it can do what it was asked for, and ends when nobody has its socket. */
  #giveUp(ms: number): void {
    const socket = this.#begun?.socket;
    if (!this.#client || socket === undefined) return this.#end();
    this.#begun = undefined;
    this.#client.slept(ms);
    this.#client.heldUp(socket);
  }

  #begin(): Begun {
    const socket = this.#addon.startHand();
    if (socket < 0) throw withCode("fork", socket);
    const answer = Buffer.alloc(ANSWER_SIZE);
    const result = this.#addon.awaitHand(socket, answer, STARVED_MS);
    if (result === 0) return { socket, pid: Number(foundIn(answer).inode) };
    closeSync(socket);
    throw withCode("fork", result);
  }

  #end(): void {
    if (this.#begun !== undefined) closeSync(this.#begun.socket);
    this.#begun = undefined;
  }
}

/** The most for which it can have been: if no look found it so, it was not; if there was none, only the process knows. */
function mostHeldMs(heldMs: number, starvedMs: number): number {
  if (heldMs > 0) return heldMs + SLICE_MS;
  return starvedMs > 0 ? 0 : Infinity;
}

/** A symlink is followed by nobody. */
function isNothing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ELOOP"].some((code) => isCode(error, code));
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
