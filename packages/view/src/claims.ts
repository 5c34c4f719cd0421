/** Who wants what under which name. Of several the first one has it, until it lets go. */
export class Claims<K, V> {
  readonly #wanted = new Map<string, Map<K, V>>();
  readonly #onChanged: (name: string, value: V | undefined, before: V | undefined) => void;

  /** @param onChanged `value` is what is to be there from now on, if anything */
  constructor(onChanged: (name: string, value: V | undefined, before: V | undefined) => void) {
    this.#onChanged = onChanged;
  }

  /** What is to be there, of all names. */
  *all(): Generator<V> {
    for (const wanted of this.#wanted.values()) yield* [...wanted.values()].slice(0, 1);
  }

  put(name: string, key: K, value: V): void {
    const wanted = this.#wanted.get(name) ?? new Map<K, V>();
    const before = first(wanted);
    this.#wanted.set(name, wanted.set(key, value));
    if (first(wanted) !== before) this.#onChanged(name, value, before);
  }

  take(name: string, key: K): void {
    const wanted = this.#wanted.get(name);
    if (!wanted) return;
    const before = first(wanted);
    wanted.delete(key);
    if (wanted.size === 0) this.#wanted.delete(name);
    if (first(wanted) !== before) this.#onChanged(name, first(wanted), before);
  }
}

function first<V>(wanted: ReadonlyMap<unknown, V>): V | undefined {
  return wanted.values().next().value;
}
