import type { Mark } from "../ledger.js";
import type { Outcome, Peer, Sender, Unsent } from "../sender.js";
import { toBytes } from "./bytes.js";
import { asFake } from "./ledger.js";
import { FakePeer } from "./peer.js";
import type { Mortal, World } from "./world.js";
import type { Line } from "./peer.js";

interface Pushed {
  readonly peer: FakePeer;
  readonly bytes: Uint8Array;
  readonly mark: Mark | undefined;
}

/** Datagrams in line, sent in order. */
export class FakeSender implements Sender, Line, Mortal {
  readonly #world: World;
  #staged: Uint8Array = new Uint8Array();
  #line: Pushed[] = [];
  #isAlive = true;

  constructor(world: World) {
    this.#world = world;
    world.senders.add(this);
  }

  kill(): void {
    this.#isAlive = false;
    this.#world.senders.delete(this);
  }

  stage(bytes: Uint8Array, start: number, end: number): void {
    this.#staged = bytes.slice(start, end);
  }

  /** @throws RangeError for a number that has no exact digits, or an empty datagram, which would end some listeners */
  push(peer: Peer, number?: number, mark?: Mark): void {
    if (!(peer instanceof FakePeer)) throw new TypeError("a peer of another kernel");
    if (number !== undefined && !isCount(number)) throw new RangeError(`no count: ${number}`);
    if (number === undefined && this.#staged.length === 0) throw new RangeError("an empty datagram");
    peer.lines.add(this);
    this.#line.push({ peer, bytes: number === undefined ? this.#staged : withNumber(this.#staged, number), mark });
  }

  flush(): readonly Unsent[] {
    const line = this.#line;
    this.#line = [];
    const failed = new Set<FakePeer>();
    return line.flatMap((pushed) => {
      const { peer, bytes, mark } = pushed;
      peer.lines.delete(this);
      const outcome = failed.has(peer) ? "full" : this.#deliver(pushed);
      if (outcome === "sent") return [];
      failed.add(peer);
      return [{ peer, outcome, bytes: bytes.slice(), mark }];
    });
  }

  send(peer: FakePeer): void {
    const mine = this.#line.filter((pushed) => pushed.peer === peer);
    this.#line = this.#line.filter((pushed) => pushed.peer !== peer);
    mine.every((pushed) => this.#deliver(pushed) === "sent");
  }

  /** Who is killed says nothing more. */
  #deliver(pushed: Pushed): Outcome {
    if (!this.#isAlive) return "sent";
    const outcome = deliver(pushed);
    if (outcome === "sent") this.#world.sent();
    return outcome;
  }
}

function deliver({ peer, bytes, mark }: Pushed): Outcome {
  const outcome = peer.closed ? "gone" : peer.deliver(bytes);
  if (outcome === "sent" && mark) asFake(mark.ledger).sent(mark);
  return outcome;
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
