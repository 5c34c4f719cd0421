const WORD_BITS = 64n; // an `unsigned long` of the kernel; least significant last
const WORD = /^[0-9a-f]{1,16}$/;

/** A set of bits as sysfs writes it: `20000 20000000000 0`. */
export class Bits {
  readonly #bits: bigint;

  constructor(text: string | undefined) {
    const words = (text ?? "")
      .trim()
      .split(" ")
      .filter((word) => WORD.test(word));
    this.#bits = words.reduce((bits, word) => (bits << WORD_BITS) | BigInt(`0x${word}`), 0n);
  }

  has(bit: number): boolean {
    return ((this.#bits >> BigInt(bit)) & 1n) === 1n;
  }

  hasAll(...bits: readonly number[]): boolean {
    return bits.every((bit) => this.has(bit));
  }

  /** True if one of `[from .. end]` is set, `end` excluded. */
  hasAny(from: number, end: number): boolean {
    return this.count(from, end) > 0;
  }

  /** How many of `[from .. end]` are set, `end` excluded. */
  count(from: number, end: number): number {
    let count = 0;
    for (let bit = from; bit < end; bit++) if (this.has(bit)) count++;
    return count;
  }
}
