import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { dirname, join } from "node:path";

import type { ClaimRecord } from "./claim-record.js";
import { claimFileOf, decodeClaim, encodeClaim } from "./claim-record.js";
import { BridgeError } from "./errors.js";

/** Names in the directory up to which another claim is written. */
const CLAIMS_MAX = 1024;
/** Names in it that are looked at. */
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

  /** @throws BridgeError PATH_UNUSABLE */
  constructor(path: string) {
    this.path = path;
    try {
      fs.mkdirSync(dirname(path), { recursive: true });
      fs.mkdirSync(path, { mode: 0o700 });
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw unusable(path, "cannot be made", error);
    }
    const found = fs.lstatSync(path);
    if (!found.isDirectory()) throw unusable(path, "is no directory");
    if (found.uid !== process.geteuid?.()) throw unusable(path, `belongs to uid ${found.uid}`);
    if (found.mode & ANYTHING_BY_OTHERS) throw unusable(path, "is open to other users");
  }

  /** @throws BridgeError PATH_UNUSABLE */
  read(): Written {
    const known = new Map<string, Known>();
    for (const name of this.#names()) {
      if (ASIDE.test(name)) this.#removeOld(name);
      const found = CLAIM.test(name) ? this.#readOne(name) : undefined;
      if (found) known.set(name, found);
    }
    this.#known = known;
    const claims = new Map<string, ClaimRecord>();
    for (const [name, { claim }] of known) if (claim) claims.set(name, claim);
    return { claims, damaged: new Set([...known.keys()].filter((name) => !claims.has(name))) };
  }

  /** False if a claim of this device is there. @throws BridgeError PATH_UNUSABLE: there are too many */
  make(claim: ClaimRecord): boolean {
    if (this.#names().length >= CLAIMS_MAX) throw unusable(this.path, `has ${CLAIMS_MAX} claims already`);
    return this.#publish(claim, (aside, path) => fs.linkSync(aside, path)); // unlike rename it never replaces
  }

  /** In place of the claim of this device that is there. */
  replace(claim: ClaimRecord): void {
    this.#publish(claim, (aside, path) => fs.renameSync(aside, path));
  }

  /** @throws BridgeError PATH_UNUSABLE */
  remove(name: string): void {
    try {
      fs.rmSync(join(this.path, name), { force: true });
    } catch (error) {
      throw unusable(join(this.path, name), "cannot be removed", error);
    }
  }

  /** Calls back when something may be another; it may not always. Returns how to stop that. */
  watch(onChange: () => void): () => void {
    const watcher = fs.watch(this.path, { persistent: false }, (_, name) => {
      if (name === null || CLAIM.test(name)) onChange();
    });
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  }

  #publish(claim: ClaimRecord, publish: (aside: string, path: string) => void): boolean {
    const aside = join(this.path, `.${randomBytes(6).toString("hex")}`);
    try {
      fs.writeFileSync(aside, encodeClaim(claim), { flag: "wx", mode: 0o600 });
      publish(aside, join(this.path, claimFileOf(claim)));
      return true;
    } catch (error) {
      if (isErrno(error, "EEXIST")) return false;
      throw unusable(this.path, "cannot be written to", error);
    } finally {
      fs.rmSync(aside, { force: true });
    }
  }

  /** @throws BridgeError PATH_UNUSABLE */
  #names(): readonly string[] {
    try {
      return namesIn(this.path);
    } catch (error) {
      throw unusable(this.path, "cannot be read", error);
    }
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
}

function namesIn(path: string): readonly string[] {
  const names: string[] = [];
  const directory = fs.opendirSync(path);
  try {
    for (let at = directory.readSync(); at && names.length < NAMES_MAX; at = directory.readSync()) names.push(at.name);
  } finally {
    directory.closeSync();
  }
  return names;
}

function readClaimFile(name: string, path: string): ClaimRecord | undefined {
  try {
    const fd = fs.openSync(path, OPEN);
    try {
      const found = fs.fstatSync(fd);
      if (!found.isFile() || found.size > CLAIM_BYTES_MAX) return undefined;
      return decodeClaim(name, fs.readFileSync(fd, "utf8"));
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return undefined; // no file, a link, or one that cannot be read
  }
}

function unusable(path: string, problem: string, cause?: unknown): BridgeError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  const remedy = "Give a directory as stateDir that this user alone may enter, or none.";
  return new BridgeError("PATH_UNUSABLE", `${path} ${problem}${why}`, { remedy, cause });
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
