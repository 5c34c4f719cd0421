import type { SocketDirectory, SocketEntry } from "../directory.js";
import type { Outcome, Peer } from "../sender.js";
import type { FakeFolder } from "./folder.js";
import { FakeListener } from "./listener.js";
import { FakePeer } from "./peer.js";
import type { Mortal, World } from "./world.js";

const SUFFIX = ".sock"; // what has another name is not meant for us

/** A directory of listeners, watched. */
export class FakeDirectory implements SocketDirectory, Mortal {
  readonly path: string;
  readonly #world: World;
  readonly #folder: FakeFolder;
  readonly #onClose: () => void;
  readonly #changed = (): void => this.#schedule();
  #callback: (() => void) | undefined;
  #scheduled = false;
  #closed = false;

  constructor(world: World, folder: FakeFolder, onClose: () => void) {
    this.#world = world;
    this.#folder = folder;
    this.#onClose = onClose;
    this.path = folder.path;
    folder.held = true;
    folder.onChange.add(this.#changed);
    this.ref();
    world.opened.add(this);
  }

  list(limit: number): { readonly entries: readonly SocketEntry[]; readonly more: boolean } {
    if (this.#closed) return { entries: [], more: false };
    const sockets = this.#folder.sockets().filter(({ name }) => name.endsWith(SUFFIX));
    const entries = sockets.slice(0, limit).map(({ name, inode, born }) => ({ name, inode, born }));
    return { entries, more: sockets.length > limit };
  }

  connect(entry: Pick<SocketEntry, "name" | "inode">): Peer | Exclude<Outcome, "sent" | "too-long"> {
    this.#world.faults.hit("connect");
    const listener = this.#folder.get(entry.name);
    if (this.#closed || !(listener instanceof FakeListener)) return "gone";
    if (listener.inode !== entry.inode || !listener.reachable) return "gone";
    return listener.denied ? "denied" : new SocketPeer(this.#world, listener);
  }

  onChange(callback: () => void): void {
    this.#callback = callback;
  }

  ref(): void {
    this.#world.hold.set(this, !this.#closed);
  }

  unref(): void {
    this.#world.hold.set(this, false);
  }

  close(): void {
    if (this.#closed) return;
    this.kill();
    this.#onClose();
  }

  kill(): void {
    this.#closed = true;
    this.unref();
    this.#folder.onChange.delete(this.#changed);
    this.#folder.held = false;
    this.#world.opened.delete(this);
  }

  /** Many changes, one call. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#world.turns.add(() => {
      this.#scheduled = false;
      if (!this.#closed) this.#callback?.();
    });
  }
}

/** A socket connected to a listener. */
class SocketPeer extends FakePeer {
  readonly #listener: FakeListener;
  readonly #wake = (): void => {
    if (this.closed) this.#listener.onWritable.delete(this.#wake);
    else this.wake();
  };

  constructor(world: World, listener: FakeListener) {
    super(world);
    this.#listener = listener;
    listener.onWritable.add(this.#wake);
  }

  protected get writable(): boolean {
    return this.#listener.writable;
  }

  deliver(bytes: Uint8Array): Outcome {
    return this.#listener.deliver(bytes);
  }
}
