/** Events of devices whose attributes are being read, and of all below them. Nobody else waits. */
export class Waiting {
  readonly #held = new Map<string, Uint8Array[]>();
  readonly #limit: number;
  #kept = 0;

  /** @param limit devices and events that may wait in all */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#held.size + this.#kept >= this.#limit;
  }

  /** From now on events at and below the path are kept. */
  hold(devpath: string): void {
    if (!this.#held.has(devpath)) this.#held.set(devpath, []);
  }

  /** True if events of this path are kept. */
  holds(devpath: string): boolean {
    return this.#held.size > 0 && this.#holder(devpath) !== undefined;
  }

  /** Keeps an event of a path that is held; false if there is no room for it. */
  keep(devpath: string, bytes: Uint8Array): boolean {
    if (this.isFull) return false;
    this.#holder(devpath)?.push(bytes);
    this.#kept++;
    return true;
  }

  /** The events that were kept, in order. */
  release(devpath: string): readonly Uint8Array[] {
    const kept = this.#held.get(devpath) ?? [];
    this.#held.delete(devpath);
    this.#kept -= kept.length;
    return kept;
  }

  #holder(devpath: string): Uint8Array[] | undefined {
    for (let end = devpath.length; end > 0; end = devpath.lastIndexOf("/", end - 1)) {
      const kept = this.#held.get(devpath.slice(0, end));
      if (kept) return kept;
    }
    return undefined;
  }
}
