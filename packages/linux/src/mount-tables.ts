import { closeSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";

import type { Addon } from "./addon.js";
import { onceMore } from "./errno.js";
import { readText } from "./read-text.js";

/** A directory, as the lines of /proc/PID/mountinfo speak of one. */
interface Place {
  /** MAJOR:MINOR of its file system. */
  readonly device: string;
  /** Where it is on that. */
  readonly root: string;
  readonly path: string;
}

/** What is mounted in a namespace, as one of its processes has it. */
interface Table {
  readonly pid: string;
  readonly text: string;
}

/** Milliseconds: a relay that closes asks for all of its containers at once. */
const FRESH_MS = 1000;
/** Bytes of all tables, and of one: a container makes them as many and as long as it likes. */
const TABLES_MAX = 16_777_216;
const PAGE = 65_536; // bytes that are read at once

/**
 * What is mounted in each mount namespace that has a process of which we may know. Processes of our own that are inside for a moment keep
 * nothing: they may outlast the container.
 */
export class MountTables {
  readonly #addon: Pick<Addon, "worksApart">;
  readonly #max: number;
  #tables: readonly Table[] = [];
  #isCut = false;
  #readAt = -Infinity;

  /** @param max bytes that are read at once */
  constructor(addon: Pick<Addon, "worksApart">, max = TABLES_MAX) {
    this.#addon = addon;
    this.#max = max;
  }

  /**
   * True if a directory is the root of a mount that is not at its own path: an engine has bound it into a container, which would keep a
   * removed one. Where it was, it is looked again: it may have been taken away since. True also if there is more than is read: it may be.
   */
  isBound(fd: number): boolean {
    const reading = new Reading(this.#max);
    const directory = locate(fd, reading.table("self"));
    if (!directory) return reading.isCut;
    const before = this.#readAt;
    const found = this.#fresh().filter(({ text }) => isIn(text, directory));
    if (this.#isCut) return true;
    if (found.length === 0 || this.#readAt !== before) return found.length > 0;
    const again = found.map(({ pid }) => reading.table(pid));
    if (again.every((text) => text !== "")) return reading.isCut || again.some((text) => isIn(text, directory));
    this.forget(); // others may be in the namespace of one that has ended
    return this.#fresh().some(({ text }) => isIn(text, directory)) || this.#isCut;
  }

  /** Processes, one of each mount namespace, in which a file system, MAJOR:MINOR, is mounted at a path. */
  having(device: string, path: string): readonly number[] {
    const line = new RegExp(` ${device} [^ ]+ ${path} `);
    return this.#fresh().flatMap(({ pid, text }) => (line.test(text) ? [Number(pid)] : []));
  }

  /** True if it is mounted somewhere, or there is more than is read. */
  mayHave(device: string): boolean {
    return this.#fresh().some(({ text }) => text.includes(` ${device} `)) || this.#isCut;
  }

  /** What is known is of no use for a file system that is mounted now: it may have the number of one that went. */
  forget(): void {
    this.#readAt = -Infinity;
  }

  #fresh(): readonly Table[] {
    if (performance.now() - this.#readAt < FRESH_MS) return this.#tables;
    const reading = new Reading(this.#max);
    this.#tables = this.#read(reading);
    this.#isCut = reading.isCut;
    this.#readAt = performance.now();
    return this.#tables;
  }

  /** One for each mount namespace. */
  #read(reading: Reading): readonly Table[] {
    const namespaces = new Map<string, Table>();
    for (const pid of readdirSync("/proc")) {
      if (reading.isCut) break;
      const namespace = /^\d+$/.test(pid) ? link(`/proc/${pid}/ns/mnt`) : "";
      if (namespace === "" || namespaces.get(namespace)?.text || this.#addon.worksApart(Number(pid)) === 1) continue;
      namespaces.set(namespace, { pid, text: reading.table(pid) });
    }
    return [...namespaces.values()];
  }
}

/** Reads tables, as far as they are not too long together. */
export class Reading {
  #left: number;

  constructor(max: number) {
    this.#left = max;
  }

  /** There may be more. */
  get isCut(): boolean {
    return this.#left <= 0;
  }

  /** Empty if the process has ended, or is not ours to see. */
  table(pid: string): string {
    try {
      return onceMore(() => this.#open(pid));
    } catch {
      return "";
    }
  }

  #open(pid: string): string {
    const fd = openSync(`/proc/${pid}/mountinfo`, "r");
    try {
      return this.#read(fd);
    } finally {
      closeSync(fd);
    }
  }

  #read(fd: number): string {
    const bytes = Buffer.alloc(PAGE);
    let text = "";
    for (let read = -1; read !== 0 && !this.isCut; this.#left -= read) {
      read = readSync(fd, bytes);
      text += bytes.toString("latin1", 0, read);
    }
    return text && `\n${text}`; // as before each line
  }
}

/** True if it is mounted elsewhere: `36 35 MAJOR:MINOR ROOT PLACE …`. */
export function isIn(text: string, { device, root, path }: Place): boolean {
  const mount = ` ${device} ${root} `;
  for (let at = text.indexOf(mount); at >= 0; at = text.indexOf(mount, at + 1)) {
    if (!text.startsWith(`${path} `, at + mount.length)) return true;
  }
  return false;
}

/** @param table of our own mounts */
function locate(fd: number, table: string): Place | undefined {
  const id = /^mnt_id:\t(\d+)$/m.exec(readText(`/proc/self/fdinfo/${fd}`))?.[1];
  const start = table.indexOf(`\n${id} `) + 1;
  if (start === 0) return undefined;
  const [, , device = "", root = "", place = ""] = table.slice(start, table.indexOf("\n", start)).split(" ", 5);
  const path = escaped(readlinkSync(`/proc/self/fd/${fd}`, "latin1"));
  const below = place === "/" ? path : path.slice(place.length);
  return { device, root: `${root === "/" ? "" : root}${below}`, path };
}

/** As the table writes a path. */
export function escaped(path: string): string {
  return path.replace(/[ \t\n\\]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
