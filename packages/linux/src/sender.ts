import type { Mark, Peer, Sender, Unsent } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { outcomeOf } from "./outcome.js";
import { Outgoing } from "./outgoing.js";
import { SocketPeer } from "./peer.js";
import type { Line } from "./peer.js";

const NO_NUMBER = -1;
const NOTHING: readonly Unsent[] = Object.freeze([]);

/** Many datagrams to many peers in one call of C. */
export class SocketSender implements Sender, Line {
  readonly #addon: Addon;
  readonly #outgoing = new Outgoing();
  #unsent: Unsent[] = [];
  readonly #failed = new Set<Peer>(); // since the last flush: nothing may overtake what they did not get

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  stage(bytes: Uint8Array, start: number, end: number): void {
    if (this.#outgoing.isFull(end - start)) this.#send();
    this.#outgoing.stage(bytes, start, end);
  }

  /** @throws TypeError for another kernel's peer; RangeError for a number without exact digits, or an empty datagram, which ends some listeners */
  push(peer: Peer, number?: number, mark?: Mark): void {
    if (!(peer instanceof SocketPeer)) throw new TypeError("a peer of another kernel");
    if (number === undefined && this.#outgoing.stagedLength === 0) throw new RangeError("an empty datagram");
    if (number !== undefined && !(Number.isSafeInteger(number) && number >= 0))
      throw new RangeError(`no count: ${number}`);
    if (this.#outgoing.isFull(0)) this.#send();
    this.#join(peer);
    this.#put(peer, number ?? NO_NUMBER, mark);
  }

  flush(): readonly Unsent[] {
    this.#send();
    this.#failed.clear();
    if (this.#unsent.length === 0) return NOTHING;
    const unsent = this.#unsent;
    this.#unsent = [];
    return unsent;
  }

  sendLast(peer: SocketPeer): void {
    this.#send();
    this.#unsent = this.#unsent.filter((unsent) => unsent.peer !== peer); // who closes it does not ask any more
  }

  #put(peer: SocketPeer, number: number, mark: Mark | undefined): void {
    if (this.#failed.size === 0 || !this.#failed.has(peer)) return this.#outgoing.push(peer, number, mark);
    this.#unsent.push({ peer, outcome: "full", bytes: this.#outgoing.stagedBytes(number), mark });
  }

  /** Order holds across senders: what another one has in line for this peer goes first. */
  #join(peer: SocketPeer): void {
    if (peer.line === this) return;
    if (peer.line instanceof SocketSender) peer.line.#send();
    peer.line = this;
  }

  #send(): void {
    if (this.#outgoing.empty) return;
    for (const { peer, result, bytes, mark } of this.#outgoing.send(this.#addon)) {
      this.#failed.add(peer);
      this.#unsent.push({ peer, outcome: outcomeOf(result), bytes, mark });
    }
  }
}
