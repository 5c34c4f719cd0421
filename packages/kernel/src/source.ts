/** The most datagrams that one batch holds. */
export const BATCH_SIZE = 64;

export interface SourceOptions {
  /** `kernel`: netlink group 1, what the kernel says. `udev`: group 2, what udevd made of it. */
  readonly group: "kernel" | "udev";
  /** Called with each batch, on the event loop's thread, and from within `drain()`. */
  readonly onBatch: (batch: Batch) => void;
}

/**
 * Datagrams as one read of the socket found them, in order of arrival.
 * Datagram `i` is `slab[starts[i] .. ends[i]]`. The arrays and the slab are used again after
 * `onBatch` returns: copy what you keep.
 */
export interface Batch {
  readonly slab: Uint8Array;
  readonly count: number;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** `nl_pid` of each sender; 0 is the kernel. */
  readonly portIds: Uint32Array;
  /** The multicast groups of each datagram, 0 for unicast. */
  readonly groups: Uint32Array;
  /** `SCM_CREDENTIALS` of each sender: pid 0 is the kernel, -1 says that none came with it. */
  readonly pids: Int32Array;
  readonly uids: Uint32Array;
  /**
   * True if the kernel reported an overrun (ENOBUFS) before the first datagram of this batch, or of the next if it has none.
   * The hole lies at the end of what is queued (not here): drain, apply, and only then read `/sys`.
   */
  readonly overrun: boolean;
  /** True if the queue was empty after this batch. A batch may have no datagrams and only say this. */
  readonly drained: boolean;
}

/**
 * An open stream of uevents. It is paused until `resume()`; a paused source leaves datagrams in the kernel's buffer. If it was paused before
 * it had said that the queue is empty, it says so after `resume()`.
 */
export interface Source {
  /** Bytes of receive buffer that the kernel granted. */
  readonly receiveBuffer: number;
  /**
   * There if somebody else had it before: what it says was said before `/sys` can be read. It begins with the batch that was read last, of
   * which something may not have been acted on, and which this is, with `overrun` if something was lost behind it. It is good until the
   * source flows.
   */
  readonly last?: Batch;
  resume(): void;
  pause(): void;
  /** Reads all that was queued when it was called, whether paused or not, and returns when `onBatch` has seen it. */
  drain(): void;
  ref(): void;
  unref(): void;
  close(): void;
}
