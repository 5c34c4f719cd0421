/** A datagram that was sent, in its sender's own numbers. */
export interface Sent {
  readonly outlet: number;
  readonly seq: number;
  readonly note: number;
  /** SEQNUM of the last event of the host's kernel that it followed from; 0: of none. */
  readonly at: number;
}

/** A record that was written, or a datagram that was sent. */
export type LedgerEntry = Uint8Array | Sent;

/** What a ledger says: the base that it began with, and all that followed, in order. */
export interface LedgerText {
  readonly base: Uint8Array;
  readonly entries: readonly LedgerEntry[];
}

/** What was sent, written down where it outlives the process: exactly that, even if it is killed in the middle of sending. */
export interface Ledger {
  /** What whoever had it before left; `damaged` if that cannot be read, and is set aside; undefined if there was nothing. */
  readonly before: LedgerText | "damaged" | undefined;
  /** Bytes that it has room for until it begins anew: a record takes 16 more than it has, what is sent SENT_BYTES. */
  readonly room: number;
  /** Writes a record behind all. Without room for it nothing is written down until `begin`, and `read` gives undefined. */
  write(record: Uint8Array): void;
  /** All that follows the base; undefined if there was more than it had room for. @throws KernelError PATH_UNUSABLE */
  read(): readonly LedgerEntry[] | undefined;
  /** Has this base in the place of all that it says, at once or not at all, and `room` bytes beyond, or more. @throws KernelError PATH_UNUSABLE */
  begin(base: Uint8Array, room?: number): void;
  /** @param keeps what it says is kept for the next one; else nothing of it is left */
  close(keeps: boolean): void;
}

/** Bytes of a ledger for each datagram that is sent. */
export const SENT_BYTES = 104;

/** What is written down of a datagram when it is sent, and where. */
export interface Mark extends Sent {
  readonly ledger: Ledger;
}
