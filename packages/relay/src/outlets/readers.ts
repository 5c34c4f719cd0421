import type { Reader } from "@uevent-bridge/kernel";

/** What a look at the readers of a group found. */
export interface Look {
  /** Datagrams that readers lost since the look before. */
  readonly lost: number;
  /** Somebody reads who did not at the look before. */
  readonly someoneNew: boolean;
  /** Bytes that wait for the slowest of those who are waited for. */
  readonly fullest: number;
}

interface Known {
  drops: number;
  rmem: number;
  /** When it was last seen to read, or to have read everything. */
  readAt: number;
  givenUp: boolean;
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
    this.#known = new Map();
    let lost = 0;
    let fullest = 0;
    let someoneNew = false;
    for (const reader of present) {
      const known = before.get(reader.inode);
      const next = this.#judge(reader, known, now);
      this.#known.set(reader.inode, next);
      someoneNew ||= !known || (known.givenUp && !next.givenUp);
      if (next.givenUp) continue;
      lost += reader.drops - (known?.drops ?? reader.drops);
      fullest = Math.max(fullest, reader.rmem);
    }
    return { lost, someoneNew, fullest };
  }

  #judge(reader: Reader, known: Known | undefined, now: number): Known {
    const { drops, rmem } = reader;
    const reads = !known || rmem === 0 || rmem < known.rmem;
    const readAt = reads ? now : known.readAt;
    return { drops, rmem, readAt, givenUp: now - readAt > this.#patienceMs };
  }
}
