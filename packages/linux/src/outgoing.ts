import type { Mark } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { numberOf } from "./ledger.js";
import type { SocketPeer } from "./peer.js";

// `struct outgoing` of native/core/outgoing.h, in words of 4 bytes.
const WORDS = 20;
const FD = 0;
const KIND = 1;
const START = 2;
const LENGTH = 3;
const NUMBER = 2; // of 8 bytes
const UID = 6;
const GID = 7;
const RESULT = 8;
const PID = 9;
const LEDGER = 10;
const MARK = 6; // of 8 bytes each: outlet, seq, note, at

const NO_LEDGER = -1;

const OWN_PID = process.pid;

const HEAD_ROOM = 16; // bytes before each datagram, for a netlink header
const TAIL_ROOM = 24; // bytes after it, for a number and a NUL
const ARENA_START = 64 * 1024; // bytes
const ARENA_LIMIT = 4 * 1024 * 1024; // bytes; beyond it the line is sent early, unless one datagram needs more
const LINE_START = 256; // datagrams
const LINE_LIMIT = 8192; // datagrams

/** An entry that was not sent. */
export interface Failure {
  readonly peer: SocketPeer;
  readonly result: number; // -errno
  readonly bytes: Uint8Array;
  readonly mark: Mark | undefined;
}

/** Datagrams in line, in the memory from which C sends them. */
export class Outgoing {
  #arena = new Uint8Array(ARENA_START);
  #words = new Int32Array(LINE_START * WORDS);
  #numbers = new Float64Array(this.#words.buffer);
  #table = new Uint8Array(this.#words.buffer);
  readonly #peers: SocketPeer[] = []; // of the entries; longer lines of before leave theirs behind
  readonly #marks: (Mark | undefined)[] = [];
  #count = 0;
  #start = HEAD_ROOM; // of the staged datagram
  #length = 0;
  #used = false; // by an entry: the next one must not overwrite it

  get empty(): boolean {
    return this.#count === 0;
  }

  get stagedLength(): number {
    return this.#length;
  }

  /** True if no other datagram of `length` bytes, or no other entry, should join the line. */
  isFull(length: number): boolean {
    const end = this.#nextStart() + length + TAIL_ROOM;
    return this.#count >= LINE_LIMIT || (this.#count > 0 && end > ARENA_LIMIT);
  }

  stage(bytes: Uint8Array, start: number, end: number): void {
    this.#start = this.#nextStart();
    this.#length = end - start;
    this.#used = false;
    this.#growArena(this.#start + this.#length + TAIL_ROOM);
    this.#arena.set(bytes.subarray(start, end), this.#start);
  }

  push(peer: SocketPeer, number: number, mark?: Mark): void {
    const word = this.#count * WORDS;
    if (word === this.#words.length) this.#growTable();
    const words = this.#words;
    words[word + FD] = peer.fd;
    words[word + KIND] = peer.kind;
    words[word + START] = this.#start;
    words[word + LENGTH] = this.#length;
    words[word + UID] = peer.uid;
    words[word + GID] = peer.gid;
    words[word + PID] = OWN_PID;
    words[word + LEDGER] = mark ? numberOf(mark.ledger) : NO_LEDGER;
    this.#numbers[word / 2 + NUMBER] = number;
    if (mark) this.#mark(word / 2 + MARK, mark);
    this.#marks[this.#count] = mark;
    this.#peers[this.#count++] = peer;
    this.#used = true;
  }

  #mark(start: number, { outlet, seq, note, at }: Mark): void {
    this.#numbers[start] = outlet;
    this.#numbers[start + 1] = seq;
    this.#numbers[start + 2] = note;
    this.#numbers[start + 3] = at;
  }

  /** The staged bytes and the number, as they would be sent. */
  stagedBytes(number: number): Uint8Array {
    return this.#copy(this.#start, this.#length, number);
  }

  /** Sends the line and empties it; what was staged stays. Returns what was not sent, in order. */
  send(addon: Addon): Failure[] {
    const failures = addon.send(this.#arena, this.#table, this.#count);
    const failed = failures === 0 ? [] : this.#failures();
    this.#count = 0;
    this.#used = false;
    return failed;
  }

  #failures(): Failure[] {
    const failed: Failure[] = [];
    for (let i = 0; i < this.#count; i++) {
      const result = this.#word(i, RESULT);
      const peer = this.#peers[i];
      if (result === 0 || !peer) continue;
      const number = this.#numbers[(i * WORDS) / 2 + NUMBER] ?? -1;
      failed.push({
        peer,
        result,
        bytes: this.#copy(this.#word(i, START), this.#word(i, LENGTH), number),
        mark: this.#marks[i],
      });
    }
    return failed;
  }

  #word(entry: number, word: number): number {
    return this.#words[entry * WORDS + word] ?? 0;
  }

  #copy(start: number, length: number, number: number): Uint8Array {
    const digits = number < 0 ? "" : `${number}\0`;
    const bytes = new Uint8Array(length + digits.length);
    bytes.set(this.#arena.subarray(start, start + length));
    for (let i = 0; i < digits.length; i++) bytes[length + i] = digits.charCodeAt(i);
    return bytes;
  }

  /** Where the next datagram begins: at the front of an empty line, else behind the staged one if that is in line, or in its place. */
  #nextStart(): number {
    if (this.#count === 0) return HEAD_ROOM;
    if (!this.#used) return this.#start;
    const end = this.#start + this.#length + TAIL_ROOM + HEAD_ROOM;
    return (end + 7) & ~7; // a netlink header wants an even address
  }

  #growArena(needed: number): void {
    if (needed <= this.#arena.length) return;
    const arena = new Uint8Array(Math.max(needed, 2 * this.#arena.length));
    arena.set(this.#arena);
    this.#arena = arena;
  }

  #growTable(): void {
    const words = new Int32Array(2 * this.#words.length);
    words.set(this.#words);
    this.#words = words;
    this.#numbers = new Float64Array(words.buffer);
    this.#table = new Uint8Array(words.buffer);
  }
}
