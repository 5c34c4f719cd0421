import { closeSync, fchmodSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";

import type { UdevDirectory, UdevEntry } from "@uevent-bridge/kernel";

import type { DirectoryTools } from "./directory.js";
import { inside } from "./directory-above.js";
import { lockDirectory } from "./directory-lock.js";
import { leaveDirectory, openOwnDirectory } from "./directory-open.js";
import type { OpenedDirectory } from "./directory-open.js";
import type { FileLock } from "./file-lock.js";
import { orUndo } from "./undo.js";

const MODE = 0o755; // a container's programs look into it
const NAME_MAX = 200; // characters: of an entry, and of a tag
/** Nothing that leads elsewhere, and no file of ours that is being written. */
const NAME = /^(?!\.)[^/\0]+$/;
const WRITING = ".writing";

/** @throws KernelError PATH_UNUSABLE */
export function openUdevDirectory(
  tools: Pick<DirectoryTools, "addon" | "lockDirectories">,
  path: string,
): UdevDirectory {
  const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const opened = openOwnDirectory(path, own);
  const lock = orUndo(
    () => lockDirectory(tools.addon, opened, tools.lockDirectories),
    () => leaveDirectory(opened),
  );
  return orUndo(
    () => new DatabaseDirectory(opened, lock),
    () => {
      leaveDirectory(opened);
      lock.release();
    },
  );
}

class DatabaseDirectory implements UdevDirectory {
  readonly path: string;
  readonly #opened: OpenedDirectory;
  readonly #lock: FileLock;
  readonly #tags = new Map<string, ReadonlySet<string>>(); // of each id
  #closed = false;

  constructor(opened: OpenedDirectory, lock: FileLock) {
    this.path = opened.path;
    this.#opened = opened;
    this.#lock = lock;
    fchmodSync(opened.fd, MODE);
    this.#clear();
    for (const name of ["data", "tags"]) this.#makeDirectory(name);
    closeSync(openSync(this.#in("control"), "w", 0o600));
  }

  put(id: string, entry: UdevEntry): void {
    if (this.#closed || !isName(id)) return;
    const tags = new Set(entry.tags.filter((tag) => isName(tag)));
    writeFileSync(this.#in(WRITING), textOf(entry), { encoding: "latin1", mode: 0o644 });
    renameSync(this.#in(WRITING), this.#in(`data/${id}`)); // who reads it finds the old or the new one
    for (const tag of tags) this.#tag(tag, id);
    this.#untag(id, tags);
    this.#tags.set(id, tags);
  }

  remove(id: string): void {
    if (this.#closed || !this.#tags.has(id)) return;
    this.#untag(id, new Set());
    this.#tags.delete(id);
    rmSync(this.#in(`data/${id}`), { force: true });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#clear();
    leaveDirectory({ ...this.#opened, made: true });
    this.#lock.release();
  }

  #tag(tag: string, id: string): void {
    if (this.#tags.get(id)?.has(tag)) return;
    this.#makeDirectory(`tags/${tag}`);
    closeSync(openSync(this.#in(`tags/${tag}/${id}`), "w", 0o644));
  }

  #untag(id: string, kept: ReadonlySet<string>): void {
    for (const tag of this.#tags.get(id) ?? [])
      if (!kept.has(tag)) rmSync(this.#in(`tags/${tag}/${id}`), { force: true });
  }

  #makeDirectory(name: string): void {
    mkdirSync(this.#in(name), { recursive: true, mode: MODE });
  }

  #clear(): void {
    for (const name of readdirSync(this.#in("."))) rmSync(this.#in(name), { recursive: true, force: true });
  }

  #in(name: string): string {
    return inside(this.#opened.fd, name);
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
