/** The value of an attribute that has not been read yet. */
export const Unread: unique symbol = Symbol("Unread");
export type Unread = typeof Unread;

/** What a rule may ask about a device: its present state, never an event. */
export interface Facts {
  /** The path below `/sys`: `/devices/virtual/block/loop0`. */
  readonly devpath: string;
  /** The nearest ancestor that is a device. */
  readonly parent: Facts | undefined;
  readonly subsystem: string;
  /** A line of the `uevent` file (DRIVER, DEVTYPE, DEVNAME without `/dev/`, …), else of the host's udev database. */
  property(key: string): string | undefined;
  /** A sysfs attribute, without the newline at its end. */
  attribute(name: string): string | undefined | Unread;
  /** Links that udev made, as absolute paths below `/dev`. */
  readonly links: readonly string[];
  /** Tags that udev gave. */
  readonly tags: readonly string[];
}

/** Told of each attribute that must be read before a rule can decide. May be told of one more than once. */
export type OnUnread = (device: Facts, attribute: string) => void;
