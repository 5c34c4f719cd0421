import { ERRNO } from "./errno.js";
import type { Keeper } from "./kept-source.js";
import { loadAddon } from "./addon.js";
import type { Addon } from "./addon.js";

const RETRY_MS = 50;
/** Messages that wait for a service manager which does not read. */
const MESSAGES_MAX = 16;

/** What a service manager has given a process, as systemd does by the environment. */
export interface ServiceOptions {
  /** Where it listens: an absolute path, or `@` and the name of an abstract socket. */
  readonly socket: string;
  /** Descriptors that it has kept from the process before, by name. */
  readonly kept?: ReadonlyMap<string, number>;
}

interface Message {
  readonly text: string;
  readonly fds: readonly number[];
}

/** The service manager of this process: it is told how that is, and keeps descriptors for the one that comes after. Nobody waits for it. */
export class Service implements Keeper, Disposable {
  readonly kept: ReadonlyMap<string, number>;
  readonly #addon: Addon;
  readonly #socket: string;
  #waiting: Message[] = [];
  #retry: NodeJS.Timeout | undefined;

  /** @throws KernelError ADDON_MISSING */
  constructor({ socket, kept = new Map() }: ServiceOptions) {
    this.#addon = loadAddon();
    this.#socket = socket;
    this.kept = kept;
  }

  /** Says variables as sd_notify(3) has them: `READY=1`. What it does not take now is said later, in order; of too much, the oldest is lost. */
  say(...variables: readonly string[]): void {
    this.#push({ text: variables.join("\n"), fds: [] });
  }

  /** The same, unless something waits to be said already: a sign of life that comes late is none. */
  sayNow(...variables: readonly string[]): void {
    if (this.#waiting.length === 0) this.#send({ text: variables.join("\n"), fds: [] });
  }

  /** Has it keep a descriptor under a name, whatever happens to this process. */
  keep(name: string, fd: number): void {
    // Of a socket that has lost something the kernel says that it is in error: without FDPOLL=0 it would not be kept.
    this.#push({ text: `FDSTORE=1\nFDNAME=${name}\nFDPOLL=0`, fds: [fd] });
  }

  /** It needs to keep none of that name any more. */
  forget(name: string): void {
    this.say("FDSTOREREMOVE=1", `FDNAME=${name}`);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#retry);
    this.#waiting = [];
  }

  #push(message: Message): void {
    this.#waiting.push(message);
    if (this.#waiting.length > MESSAGES_MAX) this.#waiting.shift();
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#retry);
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (!this.#send(next)) return void (this.#retry = setTimeout(() => this.#flush(), RETRY_MS).unref());
      this.#waiting.shift();
    }
  }

  /** False if it does not take it now. One that is not there never will. */
  #send({ text, fds }: Message): boolean {
    const bytes = new Uint8Array(Int32Array.from(fds).buffer);
    return this.#addon.sayToService(this.#socket, Buffer.from(text), bytes) !== -ERRNO.EAGAIN;
  }
}
