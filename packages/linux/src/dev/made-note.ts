import { randomBytes } from "node:crypto";
import { closeSync, constants, openSync, readdirSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";

import { inside } from "../directory-above.js";
import { codeOf } from "../errno.js";
import { doEach, orUndo } from "../undo.js";
import { formatIdentity, parseIdentity } from "./dev-identity.js";
import type { DevIdentity } from "./dev-identity.js";

/** The name of the note of what a relay makes. */
export const NOTE = "made";
/** … before it is written as a whole. */
export const NEW = "made.new";
const NAMES = /^made(\.new|\.uevent-bridge\.\w+)?$/;
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND | constants.O_NOFOLLOW;
const READ = constants.O_RDONLY | constants.O_NOFOLLOW;
const SLACK = 256; // lines that say nothing any more, before all is written anew

/** What is noted of a container's `/dev`. */
export interface Note {
  readonly identity: DevIdentity;
  /** The name under which things are made there: nobody can know it, nor have it by chance. */
  readonly workshop: string;
  readonly made: ReadonlyMap<string, bigint>;
}

/** Says on the host what was made in a container's `/dev`, by name and inode, for the relay after one that was killed. */
export class MadeNote {
  readonly #directory: number;
  readonly #identity: DevIdentity;
  readonly #made: Map<string, bigint>;
  #workshop: string;
  #fd: number;
  #lines = 0;

  /** @param directory of the host, in which the note is: what is noted there already is of this `/dev` */
  constructor(directory: number, identity: DevIdentity) {
    const left = readNote(directory, NOTE);
    this.#workshop = left?.workshop ?? newWorkshop();
    this.#directory = directory;
    this.#made = new Map(left?.made);
    this.#identity = identity;
    this.#fd = this.#writeAnew();
  }

  get workshop(): string {
    return this.#workshop;
  }

  /** Something that is not ours has that name. @throws Error it cannot be noted */
  moveWorkshop(): void {
    const before = this.#workshop;
    this.#workshop = newWorkshop();
    orUndo(
      () => this.#replace(),
      () => (this.#workshop = before),
    );
  }

  get size(): number {
    return this.#made.size;
  }

  /** What is in a directory before it. */
  names(): readonly string[] {
    return topmostLast(this.#made).map(([name]) => name);
  }

  get(name: string): bigint | undefined {
    return this.#made.get(name);
  }

  /** @throws Error it cannot be written, and is not noted: the file system is full */
  set(name: string, inode: bigint): void {
    const before = this.#made.get(name);
    this.#made.set(name, inode);
    orUndo(
      () => this.#write(line(name, inode)),
      () => (before === undefined ? this.#made.delete(name) : this.#made.set(name, before)),
    );
  }

  delete(name: string): void {
    if (!this.#made.delete(name)) return;
    try {
      this.#write(line(name, 0n));
    } catch {
      // what is noted and is not there is let be; it goes with the next that can be written
    }
  }

  /** It goes, unless something is left there. */
  close(): void {
    closeSync(this.#fd);
    if (this.#made.size === 0) unlinkSync(inside(this.#directory, NOTE));
  }

  /** Behind what is there, unless that has to be written anew: it says little, or was cut. */
  #write(text: string): void {
    const lines = this.#lines + 1;
    this.#lines = Infinity; // until it is there as a whole
    if (lines > this.#made.size + SLACK) return this.#replace();
    writeWhole(this.#fd, text);
    this.#lines = lines;
  }

  #replace(): void {
    const fd = this.#writeAnew();
    closeSync(this.#fd);
    this.#fd = fd;
  }

  /** One or the other is there, whenever we are killed. */
  #writeAnew(): number {
    const path = inside(this.#directory, NEW);
    const fd = openSync(path, FLAGS, 0o600);
    return orUndo(
      () => {
        const head = `${formatIdentity(this.#identity)} ${this.#workshop}\n`;
        writeWhole(fd, head + Array.from(this.#made, ([name, inode]) => line(name, inode)).join(""));
        renameSync(path, inside(this.#directory, NOTE));
        this.#lines = this.#made.size;
        return fd;
      },
      () =>
        doEach(
          () => closeSync(fd),
          () => unlinkSync(path),
        ),
    );
  }
}

function newWorkshop(): string {
  return `.uevent-bridge.${randomBytes(16).toString("hex")}`;
}

/** @param text ASCII */
function writeWhole(fd: number, text: string): void {
  if (writeSync(fd, text) < text.length) throw Object.assign(new Error("it is full"), { code: "ENOSPC" });
}

/** Inode 0: nothing is there any more. */
function line(name: string, inode: bigint): string {
  return `${inode} ${encodeURIComponent(name)}\n`;
}

/** That of what a relay makes now comes first. */
export function namesOfNotes(directory: number): readonly string[] {
  return readdirSync(inside(directory, "."))
    .filter((name) => NAMES.test(name))
    .toSorted();
}

/** Gives a note another name, which no other has: it is of no `/dev` that is at hand. */
export function putAside(directory: number, name: string, { workshop }: Note): void {
  if (name === NOTE) renameSync(inside(directory, name), inside(directory, NOTE + workshop));
}

/** What is in a directory before it. */
export function topmostLast(made: ReadonlyMap<string, bigint>): readonly (readonly [name: string, inode: bigint])[] {
  return [...made].toSorted(([a], [b]) => (a < b ? 1 : -1));
}

/** Undefined if there is none, or none that can be understood. */
export function readNote(directory: number, name: string): Note | undefined {
  try {
    const fd = openSync(inside(directory, name), READ);
    try {
      return parseNote(readFileSync(fd, "latin1"));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** What is cut, as by a relay that was killed while it wrote, is nothing. */
export function parseNote(text: string): Note | undefined {
  const [head = "", ...lines] = text.split("\n").slice(0, -1);
  const at = head.lastIndexOf(" ");
  const identity = parseIdentity(head.slice(0, at));
  if (!identity) return undefined;
  const made = new Map<string, bigint>();
  for (const each of lines) {
    const [, inode = "", written = ""] = /^(\d+) (\S+)$/.exec(each) ?? [];
    const name = decoded(written);
    if (inode === "" || name === undefined) continue;
    if (BigInt(inode) === 0n) made.delete(name);
    else made.set(name, BigInt(inode));
  }
  return { identity, workshop: head.slice(at + 1), made };
}

/** Undefined for what we do not write. */
function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
