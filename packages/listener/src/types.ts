import type { Uevent } from "@uevent-bridge/uevent";
import type { EventEmitter } from "eventemitter3";

/** There is no "error" event: promises and iterators reject. */
type Emits<E extends object> = Pick<EventEmitter<E>, "on" | "once" | "off">;

/** Holds the process as a `net.Server` does, until close(), abort or unref(). Afterwards nothing of ours is left anywhere. */
export interface Handle extends AsyncDisposable {
  ref(): this;
  /**
   * Lets the process end when nothing else holds it, which is noticed within a second. What Node does not list (polls and
   * threads of addons, running zlib and crypto jobs) may cost a pause of 10 ms and another coldplug meanwhile.
   */
  unref(): this;
  close(): Promise<void>;
}

export interface ListenOptions {
  /** The container's directory of sockets. Default `/run/uevent`. */
  readonly dir?: string;
  /** Abort closes. */
  readonly signal?: AbortSignal;
}

export type Message = Uevent | Gap;

/** Here the stream has a hole. */
export interface Gap {
  readonly kind: "gap";
  readonly lost: number | "unknown";
  /** Who lost: the kernel, the relay's queue for this container, the way to this listener, or the queue of this iterator. */
  readonly where: "kernel" | "container" | "listener" | "stream";
}

/** Devpaths that differ from before, now that what was told is again all that the container may see. */
export interface Change {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface ListenerEvents {
  event: [Uevent];
  gap: [Gap];
  /** After a hello or a gap: the relay has told all that had to be told. The first one says that the coldplug is complete. */
  resync: [Change];
}

/**
 * Device events as the relay tells them. The first iterator has all messages, each other those since its
 * creation; at most 1024 wait in each.
 */
export interface Listener extends Emits<ListenerEvents>, Handle, AsyncIterable<Message, undefined, undefined> {
  /**
   * The devices that were told and not taken back, each with the last event that was told of it.
   * After a `move` those below it are found under their new paths; their events still say the old ones.
   */
  readonly devices: ReadonlyMap<string, Uevent>;
}

export interface RawListenerEvents {
  datagram: [Uint8Array];
  gap: [Gap];
}

/**
 * The datagrams of `NAME.sock`, in the kernel's form. The first iterator has all, each other those since its
 * creation; at most 1024 wait in each.
 */
export interface RawListener
  extends Emits<RawListenerEvents>, Handle, AsyncIterable<Uint8Array | Gap, undefined, undefined> {}
