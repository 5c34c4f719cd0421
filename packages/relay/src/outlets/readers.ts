import type { Reader } from "@uevent-bridge/kernel";

/** What a look at the readers of a group found. */
export interface Look {
  /** Datagrams that were lost since the look before, by those who read; by who reads again, since it was given up. */
  readonly lost: number;
  /** Somebody reads who did not at the look before. */
  readonly someoneNew: boolean;
  /** Nothing waits for anybody, those who were given up included. */
  readonly allRead: boolean;
  /** Bytes that wait for the slowest of those who are waited for. */
  readonly fullest: number;
}

interface Known {
  /** As far as they were counted. */
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

  /** @param present those who know all that was said so far */
  constructor(patienceMs: number, present: readonly Pick<Reader, "inode" | "drops">[]) {
    this.#patienceMs = patienceMs;
    this.look(present.map(({ inode, drops }) => ({ inode, drops, rmem: 0 })));
  }

  /** What each has lost, as far as it was counted. */
  get losses(): readonly Pick<Reader, "inode" | "drops">[] {
    return Array.from(this.#known, ([inode, { drops }]) => ({ inode, drops }));
  }

  /** Nobody read at the last look. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
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
      lost: seen.reduce((sum, { was, is }) => sum + (was ? is.drops - was.drops : 0), 0),
      someoneNew: seen.some(({ was }) => !was),
      allRead: seen.every(({ is }) => is.rmem === 0),
      fullest: Math.max(0, ...awaited.map(({ is }) => is.rmem)),
    };
  }
}

function judge(reader: Reader, known: Known | undefined, now: number, patienceMs: number): Known {
  const { rmem } = reader;
  const reads = !known || rmem === 0 || rmem < known.rmem;
  const readAt = reads ? now : known.readAt;
  const givenUp = now - readAt > patienceMs;
  const drops = givenUp && known ? known.drops : reader.drops; // what it loses now is made good when it reads again
  return { drops, rmem, readAt, givenUp };
}
