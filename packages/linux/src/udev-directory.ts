import { closeSync, constants, fchmodSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";

import type { UdevDirectory, UdevEntry } from "@uevent-bridge/kernel";

import type { DirectoryTools } from "./directory.js";
import { inside } from "./directory-above.js";
import { lockDirectory } from "./directory-lock.js";
import { leaveDirectory, openOwnDirectory, unusable } from "./directory-open.js";
import type { OpenedDirectory } from "./directory-open.js";
import { emptyDirectory } from "./empty-directory.js";
import { codeOf } from "./errno.js";
import type { FileLock } from "./file-lock.js";
import type { MountTables } from "./mount-tables.js";
import { PlacedNote } from "./placed-note.js";
import type { Placeable } from "./placed-note.js";
import { orUndo } from "./undo.js";

const MODE = 0o755; // a container's programs look into it
const NAME_MAX = 200; // characters: of an entry, and of a tag
/** Nothing that leads elsewhere, and no file of ours that is being written. */
const NAME = /^(?!\.)[^/\0]+$/;
const WRITING = ".writing";
/** Where its root is our own user a container may write there: what it puts in our way is not followed. */
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** @throws KernelError PATH_UNUSABLE */
export function openUdevDirectory(
  tools: Pick<DirectoryTools, "addon" | "lockDirectories" | "mounts">,
  path: string,
): UdevDirectory {
  const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const opened = openOwnDirectory(path, own);
  const lock = orUndo(
    () => lockDirectory(tools.addon, opened, tools.lockDirectories),
    () => leaveDirectory(opened),
  );
  return orUndo(
    () => new DatabaseDirectory(opened, lock, tools.mounts),
    () => {
      leaveDirectory(opened);
      lock.release();
    },
  );
}

/** What is there of a device. */
interface Written {
  readonly text: string;
  readonly tags: ReadonlySet<string>;
}

class DatabaseDirectory implements UdevDirectory, Placeable {
  readonly path: string;
  readonly placed: PlacedNote;
  readonly #opened: OpenedDirectory;
  readonly #lock: FileLock;
  readonly #mounts: MountTables;
  readonly #written = new Map<string, Written>();
  readonly #dataFd: number;
  readonly #tagsFd: number;
  #closed = false;

  constructor(opened: OpenedDirectory, lock: FileLock, mounts: MountTables) {
    this.path = opened.path;
    this.#opened = opened;
    this.#lock = lock;
    this.#mounts = mounts;
    this.placed = new PlacedNote(lock);
    emptyDirectory(opened.fd);
    [this.#dataFd, this.#tagsFd] = begin(opened);
  }

  put(id: string, entry: UdevEntry): void {
    if (this.#closed || !isName(id)) return;
    const text = textOf(entry);
    if (this.#written.get(id)?.text === text) return; // most events say nothing new of a device
    const tags = new Set(entry.tags.filter((tag) => isName(tag)));
    const { fd } = this.#opened;
    makeFile(fd, WRITING, text);
    renameSync(inside(fd, WRITING), inside(this.#dataFd, id)); // who reads it finds the old or the new one
    for (const tag of tags) this.#tag(tag, id);
    this.#untag(id, tags);
    this.#written.set(id, { text, tags });
  }

  remove(id: string): void {
    if (this.#closed || !this.#written.has(id)) return;
    this.#untag(id, new Set());
    this.#written.delete(id);
    rmSync(inside(this.#dataFd, id), { force: true });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      emptyDirectory(this.#opened.fd);
      leaveDirectory({ ...this.#opened, made: true }, this.#mounts);
    } finally {
      for (const fd of [this.#dataFd, this.#tagsFd]) closeSync(fd);
      this.#lock.release();
    }
  }

  #tag(tag: string, id: string): void {
    if (this.#written.get(id)?.tags.has(tag)) return;
    const directory = makeDirectory(this.#tagsFd, tag);
    try {
      makeFile(directory, id, "");
    } finally {
      closeSync(directory);
    }
  }

  #untag(id: string, kept: ReadonlySet<string>): void {
    for (const tag of this.#written.get(id)?.tags ?? [])
      if (!kept.has(tag)) rmSync(inside(this.#tagsFd, `${tag}/${id}`), { force: true });
  }
}

/** Makes what programs of libudev look for. @throws KernelError PATH_UNUSABLE */
function begin({ fd, path }: OpenedDirectory): [data: number, tags: number] {
  const made: number[] = [];
  try {
    fchmodSync(fd, MODE);
    for (const name of ["data", "tags"]) {
      mkdirSync(inside(fd, name), MODE);
      made.push(openSync(inside(fd, name), DIRECTORY));
    }
    makeFile(fd, "control", "", 0o600);
    return made as [number, number];
  } catch (cause) {
    for (const each of made) closeSync(each);
    const problem = `data, tags and control cannot be made in it: the system says ${codeOf(cause)}`;
    throw unusable(path, problem, "take out what is in it, as root if need be", cause);
  }
}

/** Makes it if it is not there, and opens it. */
function makeDirectory(above: number, name: string): number {
  mkdirSync(inside(above, name), { recursive: true, mode: MODE });
  return openSync(inside(above, name), DIRECTORY);
}

/** In the place of whatever is there. */
function makeFile(above: number, name: string, text: string, mode = 0o644): void {
  const path = inside(above, name);
  rmSync(path, { force: true });
  const fd = openSync(path, NEW_FILE, mode);
  try {
    writeFileSync(fd, text, "latin1");
  } finally {
    closeSync(fd);
  }
}

function isName(name: string): boolean {
  return name.length <= NAME_MAX && NAME.test(name);
}

/** As udevd writes it: properties that are not the kernel's, links, tags. A line ends where the next begins. */
function textOf({ properties, links, tags, initialized }: UdevEntry): string {
  const lines = [
    ...links.map((link) => `S:${link.replace(/^\/dev\//, "")}`),
    `I:${initialized}`,
    ...Array.from(properties, ([key, value]) => `E:${key}=${value}`),
    ...tags.map((tag) => `G:${tag}`),
    ...tags.map((tag) => `Q:${tag}`),
    "V:1",
  ];
  return lines.map((line) => `${line.replaceAll("\n", " ")}\n`).join("");
}
