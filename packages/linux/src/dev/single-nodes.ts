import { closeSync, constants } from "node:fs";

import { deviceNameParts } from "@uevent-bridge/kernel";
import type { DeviceDirectory, DeviceEntry } from "@uevent-bridge/kernel";

import { leaveLocked } from "../directory-lock.js";
import { unusable } from "../directory-open.js";
import type { OpenedDirectory } from "../directory-open.js";
import { codeOf } from "../errno.js";
import type { FileLock } from "../file-lock.js";
import { doEach } from "../undo.js";
import type { Client, Hand } from "./hand.js";
import type { Found, Likeness } from "./hand-order.js";
import type { MadeNote } from "./made-note.js";
import { Patience } from "./patience.js";
import { takeAwayMade } from "./taking-away.js";
import { makeAside } from "./workshop.js";

const MADE_MAX = 4096; // names in one container's /dev
const DIRECTORY_MODE = 0o755;
const { S_IFMT, S_IFDIR, S_IFCHR, S_IFBLK, S_IFLNK } = constants;

/** What single nodes are put with: open, and owned by them. */
export interface SingleNodesParts {
  readonly path: string;
  readonly hand: Hand;
  /** The container's `/dev`. */
  readonly dev: number;
  readonly note: MadeNote;
  readonly home: OpenedDirectory;
  readonly lock: FileLock;
}

/**
 * Single nodes in a `/dev` that the container's engine made, and that its root changes as he likes. Each is made under a name that nobody
 * can know, noted, and given its own: what is not noted is not ours, and what has another inode is not what was noted.
 */
export class SingleNodes implements DeviceDirectory, Client {
  readonly path: string;
  readonly isShared = true;
  readonly #parts: SingleNodesParts;
  readonly #own = new Set<string>();
  readonly #patience = new Patience();
  #isSilent = false;
  #closed = false;

  constructor(parts: SingleNodesParts) {
    this.path = parts.path;
    this.#parts = parts;
  }

  get isHeldUp(): boolean {
    return this.#isSilent;
  }

  get patience(): number {
    return Math.max(1, this.#patience.left);
  }

  slept(ms: number): void {
    this.#patience.lose(ms);
  }

  heldUp(socket: number): void {
    this.#isSilent = true;
    closeSync(socket); // who hangs ends when it is let go
  }

  put(name: string, entry: DeviceEntry): void {
    this.#work(name, (parts) => {
      for (const above of aboves(parts)) this.#putDirectory(above);
      this.#put(name, entry);
      this.#own.add(name);
    });
  }

  remove(name: string): void {
    this.#work(name, (parts) => {
      this.#own.delete(name);
      this.#remove(name);
      for (const above of aboves(parts).toReversed()) if (!this.#own.has(above)) this.#remove(above);
    });
  }

  forgetOthers(): void {
    for (const name of this.#parts.note.names()) if (!this.#own.has(name)) this.#work(name, () => this.#remove(name));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { hand, dev, note, home, lock } = this.#parts;
    this.#isSilent = false; // once more
    doEach(
      ...note.names().map((name) => () => this.#work(name, () => this.#remove(name))),
      () => hand.letGo(),
      () => closeSync(dev),
      () => note.close(),
      () => leaveLocked({ opened: home, lock }),
    );
  }

  /** @throws KernelError PATH_UNUSABLE */
  #work(name: string, work: (parts: readonly string[]) => void): void {
    const parts = deviceNameParts(name);
    if (!parts)
      throw unusable(`${this.path}/${name}`, "it is no name of a device", "give one below /dev, without . and ..");
    if (this.#isSilent) throw this.#failure(name, "ETIMEDOUT");
    try {
      this.#parts.hand.workFor(this, () => work(parts));
    } catch (cause) {
      throw this.#failure(name, codeOf(cause), cause);
    }
  }

  #failure(name: string, code: string | undefined, cause?: unknown) {
    const [problem, remedy] = PROBLEMS[code ?? ""] ?? [`the system says ${code}`, "see what is in the way"];
    return unusable(`${this.path}/${name}`, problem, remedy, cause);
  }

  #put(name: string, entry: DeviceEntry): void {
    const { hand, dev, note } = this.#parts;
    const found = hand.look(dev, name);
    const made = note.get(name);
    const like = likenessOf(entry);
    const isAsGood = found !== undefined && entry.kind !== "link" && isAlike(found, like);
    if (isAsGood && found.inode === made) return hand.change(dev, name, made, like);
    if (isAsGood) return; // somebody else's
    if (found && (found.inode !== made || isDirectory(found))) throw withCode("EEXIST");
    this.#remove(name);
    this.#make(name, like, entry.kind === "link" ? entry.target : "");
  }

  #putDirectory(name: string): void {
    const { hand, dev } = this.#parts;
    const found = hand.look(dev, name);
    if (!found) this.#make(name, { mode: S_IFDIR | DIRECTORY_MODE });
    else if (!isDirectory(found)) throw withCode("ENOTDIR");
  }

  #make(name: string, like: Likeness, target = ""): void {
    const { hand, dev, note } = this.#parts;
    if (note.get(name) === undefined && note.size >= MADE_MAX) throw withCode("EDQUOT");
    const inode = makeAside(hand, dev, note, like, target);
    try {
      this.#note(name, inode);
      hand.name(dev, note.workshop, inode, name);
    } catch (error) {
      this.#undo(name, inode);
      throw error;
    }
  }

  /** It may have its name already. What withstands stays noted. */
  #undo(name: string, inode: bigint): void {
    const { hand, dev, note } = this.#parts;
    try {
      this.#remove(name);
      takeAwayMade(hand, dev, note.workshop, inode);
    } catch {
      // why it could not be made is said
    }
  }

  #note(name: string, inode: bigint): void {
    try {
      this.#parts.note.set(name, inode);
    } catch (cause) {
      throw withCode("UNNOTED", cause);
    }
  }

  /** What is not ours, or not there any more, is let be. */
  #remove(name: string): void {
    const { hand, dev, note } = this.#parts;
    const inode = note.get(name);
    if (inode === undefined) return;
    if (takeAwayMade(hand, dev, name, inode)) note.delete(name);
  }
}

const THEIRS = "it is the container's own, and its root changes it as he likes";

const PROBLEMS: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  EEXIST: ["something else is there that is not ours", "remove it in the container, or give the device another name"],
  ENOTDIR: ["something above it is no directory", "remove it in the container"],
  ELOOP: ["something above it is a symlink", "remove it in the container"],
  EXDEV: ["something is mounted there", "unmount it in the container"],
  ECANCELED: ["somebody has put something else in its place", THEIRS],
  ENOSPC: ["its /dev is full", "remove in it what is not needed"],
  UNNOTED: [
    "what is made there cannot be noted on the host",
    "make room in the file system of the relay's files (/run)",
  ],
  EDQUOT: [`it has ${MADE_MAX} names that are ours already`, "let it see fewer devices"],
  ETIMEDOUT: ["its /dev does not answer: somebody in it holds it up", "attach it anew, with --dev off or a directory"],
};

function aboves(parts: readonly string[]): readonly string[] {
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
}

function likenessOf(entry: DeviceEntry): Likeness {
  if (entry.kind === "link") return { mode: S_IFLNK };
  if (entry.kind === "directory") return { mode: S_IFDIR | (entry.mode ?? DIRECTORY_MODE) };
  return { ...entry, mode: (entry.type === "char" ? S_IFCHR : S_IFBLK) | entry.mode };
}

function isAlike(found: Found, { mode, major = 0, minor = 0 }: Likeness): boolean {
  return (found.mode & S_IFMT) === (mode & S_IFMT) && found.major === major && found.minor === minor;
}

function isDirectory({ mode }: Found): boolean {
  return (mode & S_IFMT) === S_IFDIR;
}

function withCode(code: string, cause?: unknown): Error {
  return Object.assign(new Error(code, { cause }), { code });
}
