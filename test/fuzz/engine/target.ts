/** What is fuzzed: a decoder, with what it promises. */
export interface Target {
  /** Decodes the bytes, and throws if a promise is broken. */
  run(bytes: Uint8Array): void;
  /** Inputs to begin with, beside the kept ones: recorded ones, and those at a bound. */
  seeds(): readonly Uint8Array[];
  /** Compares what was run since the last call, where that is cheaper for many. @throws Broken */
  settle?(): void;
  /** Bytes of the longest input that is tried; 4096 where nothing is said. */
  readonly longest?: number;
}

/** A promise that is broken, by an input that may not be the last one. */
export class Broken extends Error {
  readonly bytes: Uint8Array;

  constructor(message: string, bytes: Uint8Array) {
    super(message);
    this.bytes = bytes;
  }
}

/** @throws Error unless it holds */
export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`broken: ${what}`);
}

/** latin1: each byte is a character. */
export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

export function bytesOf(latin1: string): Uint8Array {
  return Uint8Array.from(Buffer.from(latin1, "latin1"));
}
