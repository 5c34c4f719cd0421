import { KernelError } from "../errors.js";
import type { Ledger, LedgerEntry, LedgerText, Mark } from "../ledger.js";
import { SENT_BYTES } from "../ledger.js";
import type { Mortal, World } from "./world.js";

const SIZE_MIN = 32_752; // bytes
const RECORD_BYTES = 16; // beside what is in it
const REMEDY = "end the other one, or attach the container by another name";

/** What is on the disk. */
interface Kept {
  base: Uint8Array | undefined;
  entries: LedgerEntry[];
  isDamaged: boolean;
  isOpen: boolean;
}

/** The ledgers of a machine, by their paths: they outlive the process that writes them. */
export class FakeLedgers {
  readonly #world: World;
  readonly #kept = new Map<string, Kept>();

  constructor(world: World) {
    this.#world = world;
  }

  get paths(): readonly string[] {
    return [...this.#kept.keys()];
  }

  open(path: string): Ledger {
    this.#world.faults.hit("openLedger");
    const kept = this.#kept.get(path) ?? { base: undefined, entries: [], isDamaged: false, isOpen: false };
    if (kept.isOpen)
      throw new KernelError("PATH_UNUSABLE", `another relay writes down what it tells in ${path}`, REMEDY);
    this.#kept.set(path, kept);
    return new FakeLedger(kept, this.#world, () => this.#kept.delete(path));
  }

  put(path: string, { base, entries }: LedgerText): void {
    this.#kept.set(path, { base, entries: [...entries], isDamaged: false, isOpen: false });
  }

  damage(path: string): void {
    const kept = this.#kept.get(path);
    if (kept) kept.isDamaged = true;
  }
}

class FakeLedger implements Ledger, Mortal {
  readonly before: LedgerText | "damaged" | undefined;
  readonly #world: World;
  readonly #kept: Kept;
  readonly #remove: () => void;
  #size = 0;
  #used = 0;
  #isSpoilt = false;
  #isAlive = true;

  constructor(kept: Kept, world: World, remove: () => void) {
    this.#world = world;
    this.#kept = kept;
    this.#remove = remove;
    this.before = textOf(kept);
    kept.isOpen = true;
    world.opened.add(this);
  }

  get room(): number {
    return this.#size - this.#used;
  }

  write(record: Uint8Array): void {
    this.#add(record.slice(), record.length + RECORD_BYTES);
  }

  sent({ outlet, seq, note, at }: Mark): void {
    this.#add({ outlet, seq, note, at }, SENT_BYTES);
  }

  read(): readonly LedgerEntry[] | undefined {
    return this.#isSpoilt ? undefined : [...this.#kept.entries];
  }

  begin(base: Uint8Array, room = 0): void {
    this.#world.faults.hit("beginLedger");
    if (!this.#isAlive) return;
    Object.assign(this.#kept, { base: base.slice(), entries: [], isDamaged: false });
    this.#size = Math.max(SIZE_MIN, 2 * base.length, room);
    this.#used = 0;
    this.#isSpoilt = false;
  }

  close(keeps: boolean): void {
    if (!this.#isAlive) return;
    this.kill();
    if (!keeps) this.#remove();
  }

  kill(): void {
    this.#isAlive = false;
    this.#kept.isOpen = false;
    this.#world.opened.delete(this);
  }

  #add(entry: LedgerEntry, bytes: number): void {
    if (!this.#isAlive) return;
    this.#isSpoilt ||= this.#used + bytes > this.#size;
    if (this.#isSpoilt) return;
    this.#used += bytes;
    this.#kept.entries.push(entry);
  }
}

function textOf({ base, entries, isDamaged }: Kept): LedgerText | "damaged" | undefined {
  if (isDamaged) return "damaged";
  return base && { base, entries: [...entries] };
}

/** @throws TypeError for another kernel's */
export function asFake(ledger: Ledger): { sent(mark: Mark): void } {
  if (!(ledger instanceof FakeLedger)) throw new TypeError("a ledger of another kernel");
  return ledger;
}
