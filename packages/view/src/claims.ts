interface Claim<V> {
  readonly value: V;
  readonly rank: number;
}

/** Who wants what under which name. Of several the one with the highest rank has it, of equals the first, until it lets go. */
export class Claims<K, V> {
  readonly #wanted = new Map<string, Map<K, Claim<V>>>();
  readonly #onChanged: (name: string, value: V | undefined, before: V | undefined) => void;

  /** @param onChanged `value` is what is to be there from now on, if anything */
  constructor(onChanged: (name: string, value: V | undefined, before: V | undefined) => void) {
    this.#onChanged = onChanged;
  }

  /** What is to be there, of all names. */
  *all(): Generator<V> {
    for (const wanted of this.#wanted.values()) {
      const value = highest(wanted);
      if (value !== undefined) yield value;
    }
  }

  put(name: string, key: K, value: V, rank: number): void {
    const wanted = this.#wanted.get(name) ?? new Map<K, Claim<V>>();
    const before = highest(wanted);
    this.#wanted.set(name, wanted.set(key, { value, rank }));
    const after = highest(wanted);
    if (after !== before) this.#onChanged(name, after, before);
  }

  take(name: string, key: K): void {
    const wanted = this.#wanted.get(name);
    if (!wanted) return;
    const before = highest(wanted);
    wanted.delete(key);
    if (wanted.size === 0) this.#wanted.delete(name);
    const after = highest(wanted);
    if (after !== before) this.#onChanged(name, after, before);
  }
}

function highest<V>(wanted: ReadonlyMap<unknown, Claim<V>>): V | undefined {
  let best: Claim<V> | undefined;
  for (const claim of wanted.values()) if (!best || claim.rank > best.rank) best = claim;
  return best?.value;
}
