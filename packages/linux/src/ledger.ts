import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { dirname } from "node:path";

import type { Ledger, LedgerEntry, LedgerText } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { ERRNO, codeOf, onceMore, systemError } from "./errno.js";
import { parseLedger } from "./ledger-file.js";
import { doEach, orUndo } from "./undo.js";

const SIZE_MIN = 32 * 1024; // bytes for what is sent; twice the base, if that is more
const BASE_MAX = 64 * 1024 * 1024; // bytes
const MAGIC = "uevent-bridge ledger";
const VERSION = 2;
/** The oldest that can be read. */
const VERSION_MIN = 1;
const LINE = new RegExp(`^${MAGIC} (\\d{1,9}) (\\d{1,10}) ([0-9a-f]{64})\\n`);
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const LINE_BYTES = 256;
const HEADER_BYTES = 16;

const REMEDY = "give a stateDir that this user alone may enter, with some megabytes of room, best in memory: /run";

interface Base {
  readonly version: number;
  readonly generation: number;
  readonly bytes: Uint8Array;
}

/** Of its mapping, for C. @throws TypeError for another kernel's */
export function numberOf(ledger: Ledger): number {
  if (!(ledger instanceof FileLedger)) throw new TypeError("a ledger of another kernel");
  return ledger.number;
}

/** @throws KernelError PATH_UNUSABLE */
export function openLedger(addon: Addon, path: string): Ledger {
  try {
    return new FileLedger(addon, path);
  } catch (cause) {
    throw cause instanceof KernelError ? cause : unusable(path, cause);
  }
}

/**
 * A ledger in two files: `PATH` has the base, and is replaced as one; `PATH.sent`, which is mapped, has what followed. They belong
 * together if they are of one generation. If the base's is later, the relay ended before it had begun anew, and the base has it all.
 */
class FileLedger implements Ledger {
  readonly before: LedgerText | "damaged" | undefined;
  readonly #addon: Addon;
  readonly #path: string;
  readonly #file: number;
  #generation: number;
  #size = 0;
  #number = -1;
  #closed = false;

  constructor(addon: Addon, path: string) {
    this.#addon = addon;
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#file = openSync(`${path}.sent`, FLAGS, 0o600);
    const [before, generation] = orUndo(
      () => this.#open(),
      () => closeSync(this.#file),
    );
    this.before = before;
    this.#generation = generation;
  }

  /** Of the mapping, for C. */
  get number(): number {
    return this.#number;
  }

  get room(): number {
    return Math.max(0, this.#addon.ledgerRoom(this.#number));
  }

  write(record: Uint8Array): void {
    const result = this.#addon.writeLedger(this.#number, record);
    if (result < 0 && result !== -ERRNO.ENOSPC && result !== -ERRNO.EBADF)
      throw systemError("writing a ledger", result);
  }

  read(): readonly LedgerEntry[] | undefined {
    try {
      const text = onceMore(() => this.#text());
      return parseLedger(text, this.#generation, VERSION);
    } catch (cause) {
      throw unusable(this.#path, cause);
    }
  }

  begin(base: Uint8Array, room = 0): void {
    const generation = this.#generation + 1;
    try {
      this.#writeBase(base, generation);
      this.#map(sizeFor(Math.max(SIZE_MIN, 2 * base.length, room + HEADER_BYTES)));
    } catch (cause) {
      throw unusable(this.#path, cause);
    }
    this.#addon.beginLedger(this.#number, generation);
    this.#generation = generation;
  }

  close(keeps: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    const paths = keeps ? [] : [`${this.#path}.sent`, this.#path];
    doEach(
      () => this.#unmap(),
      ...paths.map((path) => () => removeIfThere(path)),
      () => closeSync(this.#file),
    );
  }

  /** What it says, and of which generation that is. */
  #open(): readonly [LedgerText | "damaged" | undefined, number] {
    const result = this.#addon.lockFile(this.#file);
    if (result === -ERRNO.EWOULDBLOCK) throw taken(this.#path);
    if (result < 0) throw systemError("flock", result);
    const base = readBase(this.#path);
    if (base === undefined) return [undefined, 0];
    if (base === "damaged") return ["damaged", this.#setAside()];
    const entries = this.#entriesSince(base);
    return entries ? [{ base: base.bytes, entries }, base.generation] : ["damaged", this.#setAside()];
  }

  /** Nothing if whoever wrote the base was killed before it had begun anew. Undefined if that cannot be read. */
  #entriesSince({ version, generation }: Base): readonly LedgerEntry[] | undefined {
    const text = this.#text();
    return [0, generation - 1].includes(generationOf(text)) ? [] : parseLedger(text, generation, version);
  }

  /** For who wants to know what became of it. */
  #setAside(): number {
    renameSync(this.#path, `${this.#path}.damaged`);
    return 0;
  }

  #text(): Buffer {
    const text = Buffer.alloc(fstatSync(this.#file).size);
    return text.subarray(0, readSync(this.#file, text, 0, text.length, 0));
  }

  #writeBase(base: Uint8Array, generation: number): void {
    const next = `${this.#path}.new`;
    removeIfThere(next);
    const bytes = Buffer.concat([Buffer.from(lineOf(base, generation)), base]);
    const write = (): void => {
      writeFileSync(next, bytes, { mode: 0o600, flag: "wx" });
      renameSync(next, this.#path);
    };
    orUndo(write, () => removeIfThere(next));
  }

  /** Zeros are written: a page without room for it would end the process when something is written there. */
  #map(size: number): void {
    if (size === this.#size) return;
    this.#unmap();
    ftruncateSync(this.#file, 0);
    const zeros = Buffer.alloc(size);
    for (let at = 0; at < size;) at += writeSync(this.#file, zeros, at, size - at, at);
    const number = this.#addon.mapLedger(this.#file, size);
    if (number < 0) throw systemError("mmap", number);
    this.#number = number;
    this.#size = size;
  }

  #unmap(): void {
    if (this.#number >= 0) this.#addon.unmapLedger(this.#number);
    this.#number = -1;
    this.#size = 0;
  }
}

/** The next power of two: it is not mapped anew each time. */
function sizeFor(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(bytes));
}

function lineOf(base: Uint8Array, generation: number, version = VERSION): string {
  return `${MAGIC} ${version} ${generation} ${createHash("sha256").update(base).digest("hex")}\n`;
}

/** One of a later version says nothing to us, and is not damaged: what it says is told anew. */
function readBase(path: string): Base | "damaged" | undefined {
  const bytes = read(path);
  if (!bytes) return undefined;
  const line = LINE.exec(bytes.toString("latin1", 0, LINE_BYTES));
  if (!line) return "damaged";
  const [version, generation] = [Number(line[1]), Number(line[2])];
  if (version < VERSION_MIN || version > VERSION) return undefined;
  const base = bytes.subarray(line[0].length);
  return lineOf(base, generation, version) === line[0] ? { version, generation, bytes: base } : "damaged";
}

function read(path: string): Buffer | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return fstatSync(file).size > BASE_MAX ? Buffer.alloc(0) : readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function generationOf(text: Buffer): number {
  return text.length < 8 ? 0 : text.readUInt32LE(4);
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

function taken(path: string): KernelError {
  const remedy = "end the other one, or attach the container by another name";
  return new KernelError("PATH_UNUSABLE", `another relay writes down what it tells in ${path}`, remedy);
}

function unusable(path: string, cause: unknown): KernelError {
  return new KernelError("PATH_UNUSABLE", `what is told cannot be written down in ${path}`, REMEDY, { cause });
}
