import { EventEmitter } from "eventemitter3";

import type { ListenerError } from "./errors.js";
import { Inbox } from "./inbox.js";
import type { Suffix } from "./names.js";
import { Streams } from "./streams.js";
import type { Gap, Handle, ListenOptions } from "./types.js";

/** Where the relay's directory is in a container. */
const DEFAULT_DIR = "/run/uevent";

/** What both forms of listening have in common: a place in the directory, who hears of what arrives, and an end. */
export abstract class Receiver<M extends object, E extends EventEmitter.ValidEventTypes>
  extends EventEmitter<E>
  implements Handle, AsyncIterable<M | Gap, undefined, undefined>
{
  protected readonly streams = new Streams<M>();
  readonly #inbox: Inbox;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close();

  /** @throws ListenerError ADDON_MISSING, PATH_UNUSABLE; the signal's reason if it is aborted already */
  constructor(suffix: Suffix, { dir = DEFAULT_DIR, signal }: ListenOptions) {
    super();
    signal?.throwIfAborted();
    this.#inbox = new Inbox({
      dir,
      suffix,
      onDatagram: (bytes) => this.receive(bytes),
      onCut: () => this.cut(),
    });
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort);
  }

  protected abstract receive(datagram: Uint8Array): void;
  /** A datagram came that could not be read whole. */
  protected abstract cut(): void;

  /** What was told is in doubt: the relay is to tell all anew. */
  protected renew(): void {
    this.#inbox.renew();
  }

  ref(): this {
    this.#inbox.ref();
    return this;
  }

  unref(): this {
    this.#inbox.unref();
    return this;
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#inbox.close();
    this.streams.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<M | Gap, undefined, undefined> {
    return this.streams.open();
  }

  /** Nothing comes any more: iterators reject, and if there are none, a warning of the process says it. */
  protected fail(error: ListenerError): void {
    if (this.streams.fail(error) > 0) return;
    const { name: type, code, message, remedy: detail } = error;
    process.emitWarning(message, { type, code, detail });
  }

  /** Who hears of an event may throw; the messages behind it are told all the same. */
  protected tell(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
}
