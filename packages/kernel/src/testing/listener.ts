import type { Outcome } from "../sender.js";
import type { FakeFolder } from "./folder.js";
import { iterate } from "./reader.js";

const LONGEST = 212_960; // bytes: net.core.wmem_default - 32

export interface ListenOptions {
  /** Datagrams that its queue holds; default 11, as `net.unix.max_dgram_qlen` is 10. */
  readonly queue?: number;
  /** True: its file is there, `bind` is not complete before `complete()`. */
  readonly binding?: boolean;
  /** True: it may not be sent to, as a socket of another type may not. */
  readonly denied?: boolean;
  /** Of its file: one that went had it, as file systems give them again. */
  readonly inode?: bigint;
}

/** A program in a container that bound a datagram socket. To stall it, do not read. */
export class FakeListener {
  readonly inode: bigint;
  readonly born: bigint;
  /** True: sending to it is refused. */
  denied: boolean;
  /** Called when there is room again, or nobody any more. */
  readonly onWritable = new Set<() => void>();
  readonly #folder: FakeFolder;
  readonly #limit: number;
  #name: string;
  #queue: Uint8Array[] = [];
  #bound: boolean;
  #closed = false;

  constructor(folder: FakeFolder, name: string, born: bigint, options: ListenOptions) {
    this.#folder = folder;
    this.#name = name;
    this.inode = options.inode ?? born;
    this.born = born;
    this.#limit = options.queue ?? 11;
    this.#bound = !options.binding;
    this.denied = options.denied ?? false;
  }

  get name(): string {
    return this.#name;
  }

  /** How many datagrams wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** True if a datagram would be taken or refused for good. */
  get writable(): boolean {
    return this.#closed || this.#queue.length < this.#limit;
  }

  /** True if somebody may connect. */
  get reachable(): boolean {
    return this.#bound && !this.#closed;
  }

  /** The next datagram; undefined when there is none. */
  read(): Uint8Array | undefined {
    const datagram = this.#queue.shift();
    if (this.writable) this.#tellWriters();
    return datagram;
  }

  /** All that wait. */
  readAll(): Uint8Array[] {
    return [...iterate(() => this.read())];
  }

  deliver(bytes: Uint8Array): Outcome {
    if (!this.reachable) return "gone";
    if (this.denied) return "denied";
    if (bytes.length > LONGEST) return "too-long";
    if (this.#queue.length >= this.#limit) return "full";
    this.#queue.push(bytes.slice());
    return "sent";
  }

  /** `bind` completes; no change in the directory says so. */
  complete(): void {
    this.#bound = true;
  }

  /** The program dies: its file stays, as a dead one. */
  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#tellWriters();
  }

  unlink(): void {
    this.#folder.unlink(this.#name);
  }

  rename(name: string): void {
    this.#folder.rename(this.#name, name);
    this.#name = name;
  }

  #tellWriters(): void {
    for (const tell of this.onWritable) tell();
  }
}
