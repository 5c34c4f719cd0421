import type { Outcome, Peer, Sender, Unsent } from "../sender.js";
import { toBytes } from "./bytes.js";
import { FakePeer } from "./peer.js";
import type { Line } from "./peer.js";

interface Pushed {
  readonly peer: FakePeer;
  readonly bytes: Uint8Array;
}

/** Datagrams in line, sent in order. */
export class FakeSender implements Sender, Line {
  #staged: Uint8Array = new Uint8Array();
  #line: Pushed[] = [];

  stage(bytes: Uint8Array, start: number, end: number): void {
    this.#staged = bytes.slice(start, end);
  }

  /** @throws RangeError for a number that has no exact digits, or an empty datagram, which would end some listeners */
  push(peer: Peer, number?: number): void {
    if (!(peer instanceof FakePeer)) throw new TypeError("a peer of another kernel");
    if (number !== undefined && !isCount(number)) throw new RangeError(`no count: ${number}`);
    if (number === undefined && this.#staged.length === 0) throw new RangeError("an empty datagram");
    peer.lines.add(this);
    this.#line.push({ peer, bytes: number === undefined ? this.#staged : withNumber(this.#staged, number) });
  }

  flush(): readonly Unsent[] {
    const line = this.#line;
    this.#line = [];
    const failed = new Set<FakePeer>();
    return line.flatMap(({ peer, bytes }) => {
      peer.lines.delete(this);
      const outcome = failed.has(peer) ? "full" : deliver(peer, bytes);
      if (outcome === "sent") return [];
      failed.add(peer);
      return [{ peer, outcome, bytes: bytes.slice() }];
    });
  }

  send(peer: FakePeer): void {
    const mine = this.#line.filter((pushed) => pushed.peer === peer);
    this.#line = this.#line.filter((pushed) => pushed.peer !== peer);
    mine.every(({ bytes }) => deliver(peer, bytes) === "sent");
  }
}

function deliver(peer: FakePeer, bytes: Uint8Array): Outcome {
  return peer.closed ? "gone" : peer.deliver(bytes);
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

function withNumber(bytes: Uint8Array, number: number): Uint8Array {
  const suffix = toBytes(`${number}\0`);
  const all = new Uint8Array(bytes.length + suffix.length);
  all.set(bytes);
  all.set(suffix, bytes.length);
  return all;
}
