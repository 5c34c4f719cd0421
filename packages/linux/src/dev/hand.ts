import { closeSync, readFileSync } from "node:fs";

import type { Addon } from "../addon.js";
import { ERRNO, systemError } from "../errno.js";

/** `enum hand_work`. */
const WORK = { open: 0, look: 1, make: 2, name: 3, change: 4, try: 5, remove: 6 } as const;

const PATH_MAX = 2047; // bytes: HAND_PATH_SIZE less the NUL
const TARGET_MAX = 4095; // bytes: HAND_TARGET_SIZE less the NUL
/** `struct hand_order`. */
const ORDER = { inode: 24, path: 32, target: 32 + PATH_MAX + 1, size: 32 + PATH_MAX + 1 + TARGET_MAX + 1 } as const;
/** `struct hand_answer`. */
const ANSWER = { mode: 4, major: 8, minor: 12, inode: 16, size: 24 } as const;

const STARVED_MAX = 10; // times that it is waited for again, while it has no processor
/** It has not answered, or it has ended. */
const OF_NO_USE: readonly number[] = [-ERRNO.ETIMEDOUT, -ERRNO.EPIPE, -ERRNO.ECONNRESET];

interface Begun {
  readonly socket: number;
  readonly pid: number;
}

/** What is to be there: `mode` has the type in it. */
export interface Likeness {
  readonly mode: number;
  readonly major?: number;
  readonly minor?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** What is there. */
export interface Found {
  readonly mode: number;
  readonly major: number;
  readonly minor: number;
  readonly inode: bigint;
}

interface Order {
  readonly path: string;
  /** Of what is meant: nothing is done to anything else. */
  readonly inode?: bigint;
  readonly like?: Likeness;
  readonly target?: string;
}

/** A process of ours that works in directories which others may hold up. All calls throw an Error with the system's code. */
export class Hand {
  readonly #addon: Addon;
  #begun: Begun | undefined;
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
    return this.#ask("make", [directory], { path, like, target }).found.inode;
  }

  /** Gives what has this inode another name, which nothing has. */
  name(directory: number, path: string, inode: bigint, name: string): void {
    this.#ask("name", [directory], { path, inode, target: name });
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

  #ask(work: keyof typeof WORK, [directory, other = -1]: readonly [number, number?], order: Order) {
    const { socket, pid } = (this.#begun ??= this.#begin());
    const answer = Buffer.alloc(ANSWER.size);
    const first = this.#addon.askHand(socket, directory, other, bytesOf(WORK[work], order), answer);
    const result = this.#patiently(first, socket, pid, answer);
    if (OF_NO_USE.includes(result)) this.#end(); // it lives on until it can do what it was asked for, and then it ends
    if (result < 0) throw withCode(work, result);
    return { result, found: foundIn(answer) };
  }

  /** Who is held up sleeps; who only has no processor yet is waited for. */
  #patiently(first: number, socket: number, pid: number, answer: Buffer): number {
    let result = first;
    for (let i = 0; i < STARVED_MAX && result === -ERRNO.ETIMEDOUT && isRunnable(pid); i++)
      result = this.#addon.awaitHand(socket, answer);
    return result;
  }

  #begin(): Begun {
    const socket = this.#addon.startHand();
    if (socket < 0) throw withCode("fork", socket);
    const answer = Buffer.alloc(ANSWER.size);
    let result: number = -ERRNO.ETIMEDOUT;
    for (let i = 0; i < STARVED_MAX && result === -ERRNO.ETIMEDOUT; i++) result = this.#addon.awaitHand(socket, answer);
    if (result === 0) return { socket, pid: Number(foundIn(answer).inode) };
    closeSync(socket);
    throw withCode("fork", result);
  }

  #end(): void {
    if (this.#begun !== undefined) closeSync(this.#begun.socket);
    this.#begun = undefined;
  }
}

/** It is in no other process's pid namespace than we, so that its number is ours too. */
function isRunnable(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1").includes(") R ");
  } catch {
    return false;
  }
}

function bytesOf(work: number, { path, inode = 0n, like, target = "" }: Order): Buffer {
  const order = Buffer.alloc(ORDER.size);
  const { mode = 0, major = 0, minor = 0, uid = 0, gid = 0 } = like ?? {};
  [work, mode, major, minor, uid, gid].forEach((value, i) => order.writeUInt32LE(value, i * 4));
  order.writeBigUInt64LE(inode, ORDER.inode);
  if (path.length > PATH_MAX || target.length > TARGET_MAX) throw withCode("open", -ERRNO.ENAMETOOLONG);
  order.write(path, ORDER.path, "latin1");
  order.write(target, ORDER.target, "latin1");
  return order;
}

function foundIn(answer: Buffer): Found {
  const [mode = 0, major = 0, minor = 0] = [ANSWER.mode, ANSWER.major, ANSWER.minor].map((at) =>
    answer.readUInt32LE(at),
  );
  return { mode, major, minor, inode: answer.readBigUInt64LE(ANSWER.inode) };
}

function withCode(call: string, result: number): Error {
  const error = systemError(call, result);
  return Object.assign(error, { code: error.message.slice(call.length + 2), errno: result });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
