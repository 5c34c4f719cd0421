import type { Malformed } from "./malformed.js";
import { type Pairs, findValue, parsePairs } from "./pairs.js";
import { isSeqnum } from "./seqnum.js";

const SEQNUM = "\0SEQNUM=";
const ROUTED: ReadonlySet<string> = new Set(["ACTION", "DEVPATH", "SUBSYSTEM", "SEQNUM"]);

/**
 * A datagram in the kernel's form, of which only what routing needs has been looked at.
 * Its strings are latin1: one character is one byte. `toText` makes text of them.
 */
export class KernelUevent {
  /** The whole datagram. */
  readonly text: string;
  readonly action: string;
  /** Absolute: `/devices/virtual/block/loop0`. */
  readonly devpath: string;
  readonly subsystem: string;
  private readonly stateStart: number; // -1: the first three pairs are not in the kernel's order

  /** @internal Made by `decode`. */
  constructor(text: string, action: string, devpath: string, subsystem: string, stateStart: number) {
    this.text = text;
    this.action = action;
    this.devpath = devpath;
    this.subsystem = subsystem;
    this.stateStart = stateStart;
  }

  /** u64 in the kernel; undefined if there is none or it is no number. */
  get seqnum(): bigint | undefined {
    const value = this.get("SEQNUM");
    return value === undefined || !isSeqnum(value) ? undefined : BigInt(value);
  }

  /** Offset in the datagram of the first digit of SEQNUM, if that is the last pair, as the kernel writes it; else -1. */
  get seqnumStart(): number {
    const { text } = this;
    const end = text.length - 1;
    let start = end;
    while (isDigit(text.charCodeAt(start - 1))) start--;
    return start < end && text.substring(start - SEQNUM.length, start) === SEQNUM ? start : -1;
  }

  /**
   * `KEY=VALUE\0`… of all pairs but ACTION, DEVPATH, SUBSYSTEM and SEQNUM: the event's extras and the lines of the
   * device's `uevent` file. While it is the same, so are the device's properties.
   */
  get state(): string {
    const { stateStart, seqnumStart, text } = this;
    if (stateStart < 0) return this.stateOfOddOrder();
    if (seqnumStart >= 0) return text.slice(stateStart, seqnumStart - SEQNUM.length + 1);
    return this.get("SEQNUM") === undefined ? text.slice(stateStart) : this.stateOfOddOrder();
  }

  /** The first value of a key; undefined if there is none. */
  get(key: string): string | undefined {
    return findValue(this.text, key, this.pairsStart - 1);
  }

  /** All pairs, or what is wrong with them. */
  pairs(): Pairs | Malformed {
    return parsePairs(this.text, this.pairsStart);
  }

  /** Offset of the first pair: behind the header and its NUL. */
  get pairsStart(): number {
    return this.action.length + 1 + this.devpath.length + 1;
  }

  private stateOfOddOrder(): string {
    const pairs = this.text.slice(this.pairsStart, -1).split("\0");
    const others = pairs.filter((pair) => !ROUTED.has(pair.slice(0, Math.max(0, pair.indexOf("=")))));
    return others.map((pair) => `${pair}\0`).join("");
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
