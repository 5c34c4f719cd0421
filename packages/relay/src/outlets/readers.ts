import type { Reader } from "@uevent-bridge/kernel";

/** What a look at the readers of a group found. */
export interface Look {
  /** Datagrams that readers lost since the look before. */
  readonly lost: number;
  /** Somebody reads who did not at the look before. */
  readonly someoneNew: boolean;
  /** Somebody reads again who had been given up: what it lost meanwhile is not in `lost`. */
  readonly someoneBack: boolean;
  /** Nothing waits for anybody, those who were given up included. */
  readonly allRead: boolean;
  /** Bytes that wait for the slowest of those who are waited for. */
  readonly fullest: number;
}

interface Known {
  readonly drops: number;
  readonly rmem: number;
  /** When it was last seen to read, or to have read everything. */
  readonly readAt: number;
  readonly givenUp: boolean;
}

/** Who reads a netlink group. One who does not read for `patienceMs` is not waited for until it does. */
export class Readers {
  readonly #patienceMs: number;
  #known = new Map<number, Known>();

  constructor(patienceMs: number, present: readonly Reader[]) {
    this.#patienceMs = patienceMs;
    this.look(present);
  }

  look(present: readonly Reader[], now = performance.now()): Look {
    const before = this.#known;
    const seen = present.map((reader) => ({
      reader,
      was: before.get(reader.inode),
      is: judge(reader, before.get(reader.inode), now, this.#patienceMs),
    }));
    this.#known = new Map(seen.map(({ reader, is }) => [reader.inode, is]));
    const awaited = seen.filter(({ is }) => !is.givenUp);
    return {
      lost: awaited.reduce((sum, { was, is }) => sum + (was && !was.givenUp ? is.drops - was.drops : 0), 0),
      someoneNew: seen.some(({ was }) => !was),
      someoneBack: awaited.some(({ was }) => was?.givenUp),
      allRead: seen.every(({ is }) => is.rmem === 0),
      fullest: Math.max(0, ...awaited.map(({ is }) => is.rmem)),
    };
  }
}

function judge(reader: Reader, known: Known | undefined, now: number, patienceMs: number): Known {
  const { drops, rmem } = reader;
  const reads = !known || rmem === 0 || rmem < known.rmem;
  const readAt = reads ? now : known.readAt;
  return { drops, rmem, readAt, givenUp: now - readAt > patienceMs };
}
