/** Events of devices whose attributes are being read, and of all below them. Nobody else waits. */
export class Waiting {
  readonly #held = new Map<string, Uint8Array[]>();
  readonly #limit: number;
  #kept = 0;

  /** @param limit events that may wait in all */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.#kept >= this.#limit;
  }

  /** From now on events at and below the path are kept. */
  hold(devpath: string): void {
    if (!this.#held.has(devpath)) this.#held.set(devpath, []);
  }

  /** Keeps the event if its path is held; `bytes` is called only then. */
  keep(devpath: string, bytes: () => Uint8Array): boolean {
    if (this.#held.size === 0) return false;
    const kept = this.#holder(devpath);
    if (!kept || this.full) return false;
    kept.push(bytes());
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
