import type { Mark } from "./ledger.js";

/**
 * What became of one datagram.
 * - `sent`: it is in the receiver's queue.
 * - `full`: the receiver's queue is full, or an earlier datagram of the same flush to the same peer was not sent.
 * - `gone`: nobody is there any more, or not yet (`bind` not complete).
 * - `denied`: the system refuses, and would again.
 * - `too-long`: the system refuses this datagram for its length.
 */
export type Outcome = "sent" | "full" | "gone" | "denied" | "too-long";

/** Somebody who receives datagrams: a listener's socket or a network namespace's uevent readers. */
export interface Peer {
  /** Calls back once, when the peer may take datagrams again. A second call replaces the first. Closing cancels it. */
  onceWritable(callback: () => void): void;
  /** Sends what was pushed for it, then lets go of it. */
  close(): void;
}

/**
 * Many datagrams to many peers in one call: stage a datagram, push it to some peers, …, flush.
 *
 * @example
 * sender.stage(batch.slab, start, end);
 * sender.push(peer, 17); // the staged bytes, then "17\0"
 * const failed = sender.flush();
 */
export interface Sender {
  /** Copies `bytes[start .. end]` as the datagram that following pushes send. */
  stage(bytes: Uint8Array, start: number, end: number): void;
  /**
   * Puts the staged datagram into the line for a peer. With a `number` its decimal digits and a NUL are appended:
   * stage up to and including `SEQNUM=` and give each peer a number of its own. A `mark` is written down when it is sent.
   */
  push(peer: Peer, number?: number, mark?: Mark): void;
  /** Sends all that was pushed, in order, never blocking. Returns those that were not sent, in order. */
  flush(): readonly Unsent[];
}

/** A datagram that was pushed and not sent. `bytes` are the caller's to keep. */
export interface Unsent {
  readonly peer: Peer;
  readonly outcome: Exclude<Outcome, "sent">;
  readonly bytes: Uint8Array;
  readonly mark?: Mark | undefined;
}
