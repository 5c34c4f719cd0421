import type { Concern } from "../concern.js";
import type { Datagram } from "../datagram.js";

/** What is said of a device; `came`: to a receiver that did not know it. What is said of an object below a device is `else`. */
export type What = "came" | "went" | "moved" | "changed" | "else";

export interface Waiting {
  /** In the kernel's form or one of udev's: both have pairs that end in NUL. */
  readonly bytes: Uint8Array;
  /** Undefined if it is not known any more. */
  readonly what?: What | undefined;
}

const DEVPATH = "\0DEVPATH=";
const CHANGE = "change@".split("").map((letter) => letter.charCodeAt(0));

export function whatIsSaid({ bytes, start }: Datagram, concern: Concern | undefined): What {
  if (!concern) return "else";
  if (concern.from !== undefined) return "moved";
  if (concern.gone) return "went";
  if (concern.doubt === "existence") return concern.again ? "else" : "came";
  return CHANGE.every((code, i) => bytes[start + i] === code) ? "changed" : "else";
}

/**
 * Of what waits in order, what still has to be said, and what has become needless: of each `change` that is said again with the same properties
 * all but the last, and all of a device that came and went meanwhile.
 */
export function merge<W extends Waiting>(waiting: readonly W[]): { kept: W[]; needless: ReadonlySet<W> } {
  const needless = new Set<W>();
  const changes = new Set<string>(); // that are said later
  const gone = new Map<string, W[]>(); // what is said until a device goes
  for (const each of waiting.toReversed()) {
    const text = Buffer.from(each.bytes.buffer, each.bytes.byteOffset, each.bytes.length).toString("latin1");
    const devpath = devpathIn(text);
    if (each.what === "changed" && changes.size === changes.add(withoutNumber(text)).size) needless.add(each);
    switch (each.what) {
      case "went":
        gone.set(devpath, [each]);
        break;
      case "came":
        for (const one of gone.get(devpath)?.concat(each) ?? []) needless.add(one);
        gone.delete(devpath);
        break;
      case "changed":
      case "else":
        if (gone.has(devpath)) gone.get(devpath)?.push(each);
        else forgetAbove(devpath, gone); // who is told of it has to know what is above it
        break;
      default:
        gone.clear(); // what has this path now had another one before
    }
  }
  return { kept: waiting.filter((each) => !needless.has(each)), needless };
}

function devpathIn(text: string): string {
  const start = text.indexOf(DEVPATH) + DEVPATH.length;
  return text.slice(start, text.indexOf("\0", start));
}

function withoutNumber(text: string): string {
  const start = text.lastIndexOf("\0SEQNUM=");
  return start < 0 ? text : text.slice(0, start) + text.slice(text.indexOf("\0", start + 1)); // what is injected has none
}

function forgetAbove(devpath: string, gone: Map<string, unknown>): void {
  for (let end = devpath.lastIndexOf("/"); end > 0; end = devpath.lastIndexOf("/", end - 1))
    gone.delete(devpath.slice(0, end));
}
