import { FakeListener } from "./listener.js";
import type { ListenOptions } from "./listener.js";

/** What a directory holds under a name: somebody's socket or something odd. */
export type Entry = FakeListener | "symlink" | "file" | "directory";

/** A directory of the fake machine, as a container writes it. */
export class FakeFolder {
  readonly path: string;
  /** True while a `SocketDirectory` is open on it. */
  held = false;
  /** Called when something in it changed. */
  readonly onChange = new Set<() => void>();
  readonly #entries = new Map<string, Entry>();
  readonly #nextInode: () => number;

  constructor(path: string, nextInode: () => number) {
    this.path = path;
    this.#nextInode = nextInode;
  }

  get empty(): boolean {
    return this.#entries.size === 0;
  }

  /** The sockets in it, dead ones too. */
  sockets(): FakeListener[] {
    return [...this.#entries.values()].filter((entry) => entry instanceof FakeListener);
  }

  entries(): Iterable<readonly [name: string, entry: Entry]> {
    return this.#entries;
  }

  get(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** Somebody binds a datagram socket. @throws Error when the name is taken, as `bind` does */
  bind(name: string, options: ListenOptions = {}): FakeListener {
    const listener = new FakeListener(this, name, BigInt(this.#nextInode()), options);
    this.#put(name, listener);
    return listener;
  }

  /** Something that is no socket. A symlink may well lead to one. */
  odd(name: string, kind: Exclude<Entry, FakeListener>): void {
    this.#put(name, kind);
  }

  /** Replaces what has the new name. */
  rename(from: string, to: string): void {
    const entry = this.#entries.get(from);
    if (!entry) throw new Error(`FakeKernel: no ${from} in ${this.path}`);
    this.#entries.delete(from);
    this.#entries.set(to, entry);
    this.#changed();
  }

  unlink(name: string): void {
    if (this.#entries.delete(name)) this.#changed();
  }

  #put(name: string, entry: Entry): void {
    if (this.#entries.has(name)) throw new Error(`FakeKernel: ${this.path}/${name} is there already`);
    this.#entries.set(name, entry);
    this.#changed();
  }

  #changed(): void {
    for (const tell of this.onChange) tell();
  }
}
