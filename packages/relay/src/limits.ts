/** The bounds of every queue; docs/limits.md says what happens beyond each. */
export interface Limits {
  /** Listener sockets of one container. */
  readonly listeners: number;
  /** Bytes that wait for one listener, and as many for a container's netlink. */
  readonly waitingBytes: number;
  /** Events that `log()` explains: one memory for all containers. */
  readonly decisions: number;
  /** Milliseconds to wait for an attribute that may block. */
  readonly attributeMs: number;
  /** Milliseconds to wait for what the host's udevd says of an event, before programs of libudev are told of it. */
  readonly udevMs: number;
  /** Devices whose attributes are being read, and events that wait for them. Beyond it `/sys` is read again instead. */
  readonly waiting: number;
  /** Bytes of a netlink reader's buffer that may be filled before the relay waits for it. */
  readonly readerBytes: number;
  /** Milliseconds after which a netlink reader that does not read is no longer waited for. */
  readonly readerMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  listeners: 64,
  waitingBytes: 1024 * 1024,
  decisions: 256,
  attributeMs: 1000,
  udevMs: 3000,
  waiting: 65_536,
  readerBytes: 106_496, // half of Linux's default receive buffer
  readerMs: 2000,
};
