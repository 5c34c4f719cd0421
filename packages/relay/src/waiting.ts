interface Held {
  readonly devpaths: readonly string[];
  readonly kept: Uint8Array[];
}

/** Events of devices whose attributes are being read, and of all below them. Nobody else waits. */
export class Waiting {
  readonly #held = new Map<string, Held>();
  readonly #limit: number;
  #kept = 0;

  /** @param limit devices and events that may wait in all */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  get isFull(): boolean {
    return this.#held.size + this.#kept >= this.#limit;
  }

  /** From now on events at and below these paths are kept, in one line. */
  hold(...devpaths: readonly string[]): void {
    const held = { devpaths: devpaths.filter((devpath) => !this.#held.has(devpath)), kept: [] };
    for (const devpath of held.devpaths) this.#held.set(devpath, held);
  }

  /** True if events of this path are kept. */
  holds(devpath: string): boolean {
    return this.#held.size > 0 && this.#holder(devpath) !== undefined;
  }

  /** Keeps an event of a path that is held; false if there is no room for it. */
  keep(devpath: string, bytes: Uint8Array): boolean {
    if (this.isFull) return false;
    this.#holder(devpath)?.kept.push(bytes);
    this.#kept++;
    return true;
  }

  /** The events that were kept, in order, at this path and at those that were held with it. */
  release(devpath: string): readonly Uint8Array[] {
    const held = this.#held.get(devpath);
    if (!held) return [];
    for (const each of held.devpaths) this.#held.delete(each);
    this.#kept -= held.kept.length;
    return held.kept;
  }

  #holder(devpath: string): Held | undefined {
    for (let end = devpath.length; end > 0; end = devpath.lastIndexOf("/", end - 1)) {
      const held = this.#held.get(devpath.slice(0, end));
      if (held) return held;
    }
    return undefined;
  }
}
