import { constants } from "node:fs";

import type { UdevDirectory, UdevEntry } from "@uevent-bridge/kernel";

import { makeByHand, removeByHand } from "./by-hand.js";
import { asHeldUp, GuardedWork } from "./dev/guarded-work.js";
import type { Restore } from "./dev/guarded-work.js";
import type { Hand } from "./dev/hand.js";
import type { DirectoryTools } from "./directory.js";
import { leaveLocked } from "./directory-lock.js";
import type { LockedDirectory } from "./directory-lock.js";
import { unusable } from "./directory-open.js";
import { codeOf } from "./errno.js";
import type { MountTables } from "./mount-tables.js";
import { PlacedNote } from "./placed-note.js";
import type { Placeable } from "./placed-note.js";
import { doEach, orUndo } from "./undo.js";

const DIRECTORY_MODE = constants.S_IFDIR | 0o755; // a container's programs look into it
const FILE_MODE = 0o644;
const CONTROL_MODE = 0o600;
const NAME_MAX = 200; // characters: of an entry, and of a tag
/** Nothing that leads elsewhere, and no file of ours that is being written. */
const NAME = /^(?!\.)[^/\0]+$/;

interface UdevDirectoryTools extends Pick<DirectoryTools, "addon" | "locks" | "mounts"> {
  readonly hand: Hand;
}

/** @throws KernelError PATH_UNUSABLE */
export function openUdevDirectory(tools: UdevDirectoryTools, path: string): UdevDirectory {
  const { hand, locks, mounts } = tools;
  hand.hold();
  try {
    makeByHand(hand, path, ownIds());
    const locked = locks.open(path, ownIds());
    return orUndo(
      () => new DatabaseDirectory(tools, locked),
      () => leaveLocked(locked, mounts, (opened) => removeByHand(hand, opened)),
    );
  } finally {
    hand.letGo();
  }
}

/** What is to be there of a device. */
interface Wished {
  readonly text: string;
  readonly tags: ReadonlySet<string>;
}

/** Programs of the container read it, and where its root is our own user they may write there: the hand works in it. */
class DatabaseDirectory implements UdevDirectory, Placeable {
  readonly path: string;
  readonly placed: PlacedNote;
  readonly #locked: LockedDirectory;
  readonly #mounts: MountTables;
  readonly #hand: Hand;
  readonly #work: GuardedWork;
  readonly #wished = new Map<string, Wished>();
  /** Of which what is there may be another: the tags that it may have. */
  readonly #unsure = new Map<string, ReadonlySet<string>>();
  #closed = false;

  /** @throws KernelError PATH_UNUSABLE */
  constructor({ addon, hand, mounts }: UdevDirectoryTools, locked: LockedDirectory) {
    this.path = locked.opened.path;
    this.#locked = locked;
    this.#mounts = mounts;
    this.#hand = hand;
    this.placed = new PlacedNote(locked);
    this.#work = new GuardedWork(addon, hand, (all) => this.#restore(all));
    orUndo(
      () => this.#work.do(() => this.#begin()),
      () => this.#work.close(),
    );
  }

  put(id: string, entry: UdevEntry): void {
    if (this.#closed || !isName(id)) return;
    const text = textOf(entry);
    const before = this.#wished.get(id);
    if (before?.text === text) return; // most events say nothing new of a device
    const wished = { text, tags: new Set(entry.tags.filter((tag) => isName(tag))) };
    this.#wished.set(id, wished);
    this.#changed(id, before, () => this.#write(id, wished, before));
  }

  remove(id: string): void {
    const before = this.#wished.get(id);
    if (this.#closed || !before) return;
    this.#wished.delete(id);
    this.#changed(id, before, () => this.#take(id, before.tags));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { opened, lock } = this.#locked;
    const remove = (): void => this.#hand.workFor(this.#work, () => removeByHand(this.#hand, opened));
    doEach(
      () => this.#tried(() => this.#empty()),
      () => leaveLocked({ opened: { ...opened, made: true }, lock }, this.#mounts, remove), // its place is ours alone
      () => this.#work.close(),
    );
  }

  *#restore(all: boolean): ReturnType<Restore> {
    if (all) yield () => this.#begin();
    for (const id of all ? this.#wished.keys() : this.#unsure.keys()) yield () => this.#named(() => this.#bring(id));
  }

  /** @throws Error it is tried again */
  #changed(id: string, before: Wished | undefined, change: () => void): void {
    orUndo(
      () => this.#tried(change),
      () => this.#unsure.set(id, new Set([...(this.#unsure.get(id) ?? []), ...(before?.tags ?? [])])),
    );
  }

  /** Has all of it be there that is to be, whatever is. */
  #bring(id: string): void {
    const wished = this.#wished.get(id);
    const tags = [...(this.#unsure.get(id) ?? [])].filter((tag) => !wished?.tags.has(tag));
    if (wished) this.#write(id, wished, undefined);
    if (wished) this.#untag(id, tags);
    else this.#take(id, tags);
    this.#unsure.delete(id);
  }

  #take(id: string, tags: Iterable<string>): void {
    this.#untag(id, tags);
    this.#hand.take(this.#locked.opened.fd, `data/${id}`);
  }

  /** Makes what programs of libudev look for, and nothing else. @throws KernelError PATH_UNUSABLE */
  #begin(): void {
    const { fd, path } = this.#locked.opened;
    this.#named(() => this.#empty());
    try {
      for (const name of [".", "data", "tags"]) this.#hand.put(fd, fd, name, { mode: DIRECTORY_MODE, ...ownIds() });
      this.#hand.write(fd, "control", "", CONTROL_MODE);
    } catch (cause) {
      const problem = `data, tags and control cannot be made in it: the system says ${codeOf(cause)}`;
      throw asHeldUp(path, cause) ?? unusable(path, problem, "take out what is in it, as root if need be", cause);
    }
  }

  /** What withstands stays: it may be in nobody's way. */
  #empty(): void {
    try {
      this.#hand.empty(this.#locked.opened.fd);
    } catch (error) {
      if (codeOf(error) === "ETIMEDOUT" || codeOf(error) === undefined) throw error;
    }
  }

  /** An entry and its tags, and no tags any more that it had. */
  #write(id: string, { text, tags }: Wished, before: Wished | undefined): void {
    this.#hand.write(this.#locked.opened.fd, `data/${id}`, text, FILE_MODE);
    for (const tag of tags)
      if (!before?.tags.has(tag)) this.#hand.write(this.#locked.opened.fd, `tags/${tag}/${id}`, "", FILE_MODE);
    this.#untag(
      id,
      [...(before?.tags ?? [])].filter((tag) => !tags.has(tag)),
    );
  }

  #untag(id: string, tags: Iterable<string>): void {
    for (const tag of tags) this.#hand.take(this.#locked.opened.fd, `tags/${tag}/${id}`);
  }

  #tried(work: () => void): void {
    this.#work.do(() => this.#named(work));
  }

  /** @throws KernelError PATH_UNUSABLE: it is held up */
  #named(work: () => void): void {
    try {
      work();
    } catch (cause) {
      throw asHeldUp(this.path, cause) ?? cause;
    }
  }
}

function ownIds(): { readonly uid: number; readonly gid: number } {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}

function isName(name: string): boolean {
  return name.length <= NAME_MAX && NAME.test(name);
}

/** As udevd writes it: properties that are not the kernel's, links, tags. A line ends where the next begins. */
function textOf({ properties, links, priority = 0, tags, initialized }: UdevEntry): string {
  const lines = [
    ...links.map((link) => `S:${link.replace(/^\/dev\//, "")}`),
    ...(priority === 0 ? [] : [`L:${priority}`]),
    `I:${initialized}`,
    ...Array.from(properties, ([key, value]) => `E:${key}=${value}`),
    ...tags.map((tag) => `G:${tag}`),
    ...tags.map((tag) => `Q:${tag}`),
    "V:1",
  ];
  return lines.map((line) => `${line.replaceAll("\n", " ")}\n`).join("");
}
