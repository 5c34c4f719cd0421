import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { dirname, join } from "node:path";

import type { ClaimRecord } from "./claim-record.js";
import { claimFileOf, decodeClaim, encodeClaim } from "./claim-record.js";
import { BridgeError } from "./errors.js";

/** Names in the directory up to which another claim is written. */
const CLAIMS_MAX = 1024;
/** Names in it with which it is read. */
const NAMES_MAX = 2048;
/** Bytes of one claim. */
const CLAIM_BYTES_MAX = 65_536;
/** Milliseconds after which a file that was never given its name is a killed relay's. */
const ASIDE_MS = 10_000;

const OPEN = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;
const ANYTHING_BY_OTHERS = 0o077;
const CLAIM = /^[0-9a-f]{32}\.claim$/;
const ASIDE = /^\.[0-9a-f]{12}$/;

/** A file as it was read. */
interface Known {
  readonly version: string;
  /** Undefined if it is none. */
  readonly claim: ClaimRecord | undefined;
}

/** What is in the directory. */
export interface Written {
  /** By the names of their files. */
  readonly claims: ReadonlyMap<string, ClaimRecord>;
  /** Files that should be claims, and cannot be read as one. */
  readonly damaged: ReadonlySet<string>;
}

/** A directory in which relays write who holds which device: one file for each, that is there whole or not at all. */
export class ClaimFiles {
  readonly path: string;
  #known = new Map<string, Known>();
  #names = 0; // in it, when it was last read

  /** @throws BridgeError PATH_UNUSABLE */
  constructor(path: string) {
    this.path = path;
    this.#try("cannot be made", () => makeDirectory(path));
    const found = this.#try("cannot be read", () => fs.lstatSync(path));
    if (!found.isDirectory()) throw unusable(path, "is no directory");
    if (found.uid !== process.geteuid?.()) throw unusable(path, `belongs to uid ${found.uid}`);
    if (found.mode & ANYTHING_BY_OTHERS) throw unusable(path, "is open to other users");
  }

  /** @throws BridgeError PATH_UNUSABLE: then nothing is known anew */
  read(): Written {
    return this.#learn((name) => this.#readOne(name));
  }

  /** What has come and gone. What is known already is not read again. @throws BridgeError PATH_UNUSABLE */
  glance(): Written {
    return this.#learn((name) => this.#known.get(name) ?? this.#readOne(name));
  }

  /** False if a claim of this device is there. @throws BridgeError PATH_UNUSABLE: there are too many, or there is no room */
  make(claim: ClaimRecord): boolean {
    if (this.#names >= CLAIMS_MAX) throw unusable(this.path, `has ${CLAIMS_MAX} files already`);
    return this.#publish(claim, (aside, path) => fs.linkSync(aside, path)); // unlike rename it never replaces
  }

  /** In place of the claim of this device that is there. @throws BridgeError PATH_UNUSABLE */
  replace(claim: ClaimRecord): void {
    this.#publish(claim, (aside, path) => fs.renameSync(aside, path));
    this.#known.delete(claimFileOf(claim));
  }

  /** @throws BridgeError PATH_UNUSABLE */
  remove(name: string): void {
    this.#try(`has ${name}, which cannot be removed`, () => fs.rmSync(join(this.path, name), { force: true }));
  }

  /** Calls back when a glance may find something; it may not always. Returns how to stop that. */
  watch(onChange: () => void): () => void {
    try {
      const watcher = fs.watch(this.path, { persistent: false }, (_, name) => {
        if (name !== null && !CLAIM.test(name)) return;
        if (name !== null) this.#known.delete(name);
        else this.#known.clear();
        onChange();
      });
      watcher.on("error", () => watcher.close());
      return () => watcher.close();
    } catch {
      return () => undefined; // the user's inotify instances are all taken
    }
  }

  #learn(readOne: (name: string) => Known | undefined): Written {
    this.#known = this.#try("cannot be read", () => this.#readAll(readOne));
    const claims = new Map<string, ClaimRecord>();
    for (const [name, { claim }] of this.#known) if (claim) claims.set(name, claim);
    return { claims, damaged: new Set([...this.#known.keys()].filter((name) => !claims.has(name))) };
  }

  #readAll(readOne: (name: string) => Known | undefined): Map<string, Known> {
    const known = new Map<string, Known>();
    const names = namesIn(this.path);
    for (const name of names) {
      if (ASIDE.test(name)) this.#removeOld(name);
      const found = CLAIM.test(name) ? readOne(name) : undefined;
      if (found) known.set(name, found);
    }
    this.#names = names.length;
    return known;
  }

  /** Undefined if it is not there any more. */
  #readOne(name: string): Known | undefined {
    const path = join(this.path, name);
    const found = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (!found) return undefined;
    const version = `${found.ino} ${found.ctimeNs}`;
    const before = this.#known.get(name);
    return before?.version === version ? before : { version, claim: readClaimFile(name, path) };
  }

  #removeOld(name: string): void {
    const found = fs.lstatSync(join(this.path, name), { throwIfNoEntry: false });
    if (found && Date.now() - found.mtimeMs > ASIDE_MS) this.remove(name);
  }

  /** Written aside and then given its name; false if that is taken. */
  #publish(claim: ClaimRecord, publish: (aside: string, path: string) => void): boolean {
    const aside = join(this.path, `.${randomBytes(6).toString("hex")}`);
    try {
      return this.#try("cannot be written to", () => {
        fs.writeFileSync(aside, encodeClaim(claim), { flag: "wx", mode: 0o600 });
        return unlessTaken(() => publish(aside, join(this.path, claimFileOf(claim))));
      });
    } finally {
      removeIfPossible(aside); // a rename took it; what stays is removed when it is old
    }
  }

  #try<T>(problem: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw error instanceof BridgeError ? error : unusable(this.path, problem, error);
    }
  }
}

export function damaged(path: string): BridgeError {
  const message = `${path} says who holds a device, and cannot be read: nobody new can hold that one`;
  return new BridgeError("STATE_DAMAGED", message, { remedy: "Remove it: the device is free then." });
}

function makeDirectory(path: string): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  unlessTaken(() => fs.mkdirSync(path, { mode: 0o700 }));
}

/** All of them: with a part of them a device that is held would be taken for free. */
function namesIn(path: string): readonly string[] {
  const names = fs.readdirSync(path);
  if (names.length > NAMES_MAX) throw unusable(path, `has more than ${NAMES_MAX} files`);
  return names;
}

function readClaimFile(name: string, path: string): ClaimRecord | undefined {
  try {
    const fd = fs.openSync(path, OPEN);
    try {
      const found = fs.fstatSync(fd);
      const isOurs = found.isFile() && found.uid === process.geteuid?.() && !(found.mode & ANYTHING_BY_OTHERS);
      return isOurs && found.size <= CLAIM_BYTES_MAX ? decodeClaim(name, fs.readFileSync(fd, "utf8")) : undefined;
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return undefined; // no file, a link, or one that cannot be read
  }
}

function unlessTaken(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function removeIfPossible(path: string): void {
  try {
    fs.rmSync(path, { force: true });
  } catch {
    return;
  }
}

function unusable(path: string, problem: string, cause?: unknown): BridgeError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  const remedy =
    "Give a directory as stateDir that this user alone may enter, with room for a file for each device that is held.";
  return new BridgeError("PATH_UNUSABLE", `${path} ${problem}${why}`, { remedy, cause });
}
