import { getOrMake } from "../get-or-make.js";
import { matchesOne, type Alternative } from "../pattern.js";

/**
 * What stands under patterns, found by a value: exact ones and common beginnings cost one look-up each,
 * however many there are. Only patterns that begin with a wildcard are tried one by one.
 */
export class PatternIndex<T> {
  readonly #exact = new Map<string, T>();
  /** By length of the beginning, by beginning, by text of the pattern. The beginning of length 0 is that of all others. */
  readonly #globs = new Map<number, Map<string, Map<string, Glob<T>>>>();

  get isEmpty(): boolean {
    return this.#exact.size === 0 && this.#globs.size === 0;
  }

  get(alternative: Alternative): T | undefined {
    if (alternative.exact !== undefined) return this.#exact.get(alternative.exact);
    return this.#siblings(alternative)?.get(alternative.text)?.item;
  }

  set(alternative: Alternative, item: T): void {
    const { exact, prefix, text } = alternative;
    if (exact !== undefined) {
      this.#exact.set(exact, item);
      return;
    }
    const byPrefix = getOrMake(this.#globs, prefix.length, () => new Map<string, Map<string, Glob<T>>>());
    getOrMake(byPrefix, prefix, () => new Map<string, Glob<T>>()).set(text, { alternative, item });
  }

  delete(alternative: Alternative): void {
    const { exact, prefix, text } = alternative;
    if (exact !== undefined) this.#exact.delete(exact);
    const byPrefix = this.#globs.get(prefix.length);
    const globs = byPrefix?.get(prefix);
    globs?.delete(text);
    if (globs?.size === 0) byPrefix?.delete(prefix);
    if (byPrefix?.size === 0) this.#globs.delete(prefix.length);
  }

  /** Calls back with each item whose pattern matches the value. */
  find(value: string, found: (item: T) => void): void {
    const exact = this.#exact.get(value);
    if (exact !== undefined) found(exact);
    if (this.#globs.size > 0) this.#findGlobs(value, found);
  }

  #findGlobs(value: string, found: (item: T) => void): void {
    for (const [length, byPrefix] of this.#globs)
      for (const { alternative, item } of byPrefix.get(value.slice(0, length))?.values() ?? [])
        if (matchesOne(alternative, value)) found(item);
  }

  /** How many patterns are tried for a value that begins as this one does. */
  crowd(alternative: Alternative): number {
    return alternative.exact === undefined ? (this.#siblings(alternative)?.size ?? 0) : 0;
  }

  #siblings({ prefix }: Alternative): Map<string, Glob<T>> | undefined {
    return this.#globs.get(prefix.length)?.get(prefix);
  }
}

interface Glob<T> {
  readonly alternative: Alternative;
  readonly item: T;
}
