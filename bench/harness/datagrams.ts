import { writeFileSync } from "node:fs";

const LENGTH_BYTES = 4;

/** Datagrams one behind the other, as they lie in a slab. */
export interface Datagrams {
  readonly slab: Uint8Array;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** As native/datagrams.h has it: u32 length and bytes of each. */
export function writeDatagrams(path: string, datagrams: readonly Uint8Array[]): void {
  const file = Buffer.alloc(datagrams.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const bytes of datagrams) {
    file.writeUInt32LE(bytes.length, at);
    file.set(bytes, at + LENGTH_BYTES);
    at += LENGTH_BYTES + bytes.length;
  }
  writeFileSync(path, file);
}

export function readDatagrams(slab: Buffer): Datagrams {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let end = 0; end < slab.length;) {
    const start = end + LENGTH_BYTES;
    end = start + slab.readUInt32LE(end);
    starts.push(start);
    ends.push(end);
  }
  return { slab, starts, ends };
}
