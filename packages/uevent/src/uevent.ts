/** What the kernel does with a device today, and what it may come to do. */
export type Action = "add" | "remove" | "change" | "move" | "online" | "offline" | "bind" | "unbind" | (string & {});

/** One event, for programs and people. Its strings are UTF-8; a byte that is not valid UTF-8 is U+DC00 + byte. */
export interface Uevent {
  readonly kind: "event";
  readonly action: Action;
  readonly devpath: string;
  readonly subsystem: string;
  /** u64 in the kernel; 0 if the datagram has none. */
  readonly seqnum: bigint;
  /** All pairs, in the datagram's order. */
  readonly env: ReadonlyMap<string, string>;
  /** The datagram: the truth. */
  readonly bytes: Uint8Array;
  toJSON(): UeventJson;
}

/** An event as one line of JSON has it. */
export interface UeventJson {
  type: "event";
  action: string;
  devpath: string;
  subsystem: string;
  seqnum: number;
  env: Record<string, string>;
}
