import type { Mark, Outcome, Peer, Sender } from "@uevent-bridge/kernel";

import type { Datagram } from "./datagram.js";

/** Whoever pushed for a peer and wants to know what was not sent. */
export interface Owner {
  /** @param mark with which it was pushed */
  unsent(outcome: Exclude<Outcome, "sent">, bytes: Uint8Array, mark: Mark | undefined): void;
}

/** The sender, with an owner for each peer. A datagram that goes to many is staged once. */
export class Outbox {
  readonly #sender: Sender;
  readonly #owners = new Map<Peer, Owner>();
  #staged: Datagram | undefined;
  #pushed = false;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  open(peer: Peer, owner: Owner): void {
    this.#owners.set(peer, owner);
  }

  close(peer: Peer): void {
    this.flush();
    this.#owners.delete(peer);
    peer.close();
  }

  push(peer: Peer, datagram: Datagram, number?: number, mark?: Mark): void {
    if (this.#staged !== datagram) {
      this.#sender.stage(datagram.bytes, datagram.start, datagram.end);
      this.#staged = datagram;
    }
    this.#sender.push(peer, number, mark);
    this.#pushed = true;
  }

  /** Sends all that was pushed; owners hear what was not sent. */
  flush(): void {
    if (!this.#pushed) return;
    this.#pushed = false;
    this.#staged = undefined;
    for (const { peer, outcome, bytes, mark } of this.#sender.flush())
      this.#owners.get(peer)?.unsent(outcome, bytes, mark);
  }
}
