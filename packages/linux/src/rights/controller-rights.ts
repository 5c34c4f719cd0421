import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Access, DeviceNumber, DeviceRights } from "@uevent-bridge/kernel";

import { inside } from "../directory-above.js";
import { ERRNO, errnoOf } from "../errno.js";
import { orUndo } from "../undo.js";
import { letGo } from "./held-cgroup.js";
import type { Cgroup } from "./held-cgroup.js";
import { lineOf } from "./number.js";
import { parentRefuses, refusal } from "./refusal.js";

const ALL = "a *:*";
/** Before what is noted for the relay after this one: what the list was. */
const NOTE = "devices ";

/** What a list says, by number as it is written there: `c 1:3` to `rwm`. */
type Entries = ReadonlyMap<string, string>;

/** Device rights in cgroup v1: the kernel keeps one list, to which the runtime and we add. */
export class ControllerRights implements DeviceRights {
  readonly #cgroup: Cgroup;
  /** As it was before any relay. */
  readonly #before: Entries;
  readonly #own = new Map<string, string>();
  #closed = false;

  /** @param cgroup owned from now on, unless this throws @throws KernelError */
  constructor(cgroup: Cgroup) {
    const { lock } = cgroup;
    this.#cgroup = cgroup;
    this.#before = lock.left.startsWith(NOTE) ? parse(lock.left.slice(NOTE.length).split(";")) : this.#list();
    lock.note(NOTE + Array.from(this.#before, ([number, access]) => `${number} ${access}`).join(";"));
    orUndo(
      () => this.#begin(),
      () => this.#restore(),
    );
  }

  get path(): string {
    return this.#cgroup.path;
  }

  get adds(): boolean {
    return !this.#before.has(ALL);
  }

  grant(number: DeviceNumber, access: Access): void {
    const line = lineOf(number);
    const more = without(access, this.#own.get(line) ?? "");
    const less = without(this.#own.get(line) ?? "", access + (this.#before.get(line) ?? ""));
    if (more !== "") this.#allow(`${line} ${more}`);
    if (less !== "") this.#write("devices.deny", `${line} ${less}`);
    this.#own.set(line, access);
  }

  revoke(number: DeviceNumber): void {
    const line = lineOf(number);
    this.#own.delete(line);
    this.#deny(line, "rwm");
  }

  forgetOthers(): void {
    for (const line of this.#list().keys()) if (!this.#own.has(line)) this.#deny(line, "rwm");
  }

  hold(): boolean {
    const list = this.#list();
    const lost = [...this.#own].filter(([line, access]) => without(access, list.get(line) ?? "") !== "");
    for (const [line, access] of lost) this.#allow(`${line} ${access}`);
    return lost.length > 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#restore();
    } finally {
      letGo(this.#cgroup);
    }
  }

  /** Where everything may be opened, nothing may from now on that is not granted. */
  #begin(): void {
    if (this.#before.has(ALL) && this.#list().has(ALL)) this.#write("devices.deny", "a");
  }

  #restore(): void {
    this.#own.clear();
    if (this.#before.has(ALL)) this.#write("devices.allow", "a");
    else this.forgetOthers();
  }

  /** But for what may be opened anyhow. */
  #deny(line: string, access: string): void {
    const ours = without(access, this.#before.get(line) ?? "");
    if (ours !== "") this.#write("devices.deny", `${line} ${ours}`);
  }

  /** A cgroup may open nothing that the one above it may not. @throws KernelError */
  #allow(line: string): void {
    try {
      writeFileSync(inside(this.#cgroup.fd, "devices.allow"), line);
    } catch (cause) {
      const result = errnoOf(cause);
      throw -result === ERRNO.EPERM ? parentRefuses(this.path, line) : refusal(this.path, "devices.allow", result);
    }
  }

  /** @throws KernelError */
  #write(name: string, line: string): void {
    try {
      writeFileSync(inside(this.#cgroup.fd, name), line);
    } catch (cause) {
      throw refusal(this.path, name, errnoOf(cause));
    }
  }

  #list(): Entries {
    return parse(readFileSync(inside(this.#cgroup.fd, "devices.list"), "latin1").split("\n"));
  }
}

/** True if the programs of the cgroup may open everything, as far as v1 says. */
export function listsAll(cgroup: string): boolean {
  return parse(readFileSync(join(cgroup, "devices.list"), "latin1").split("\n")).has(ALL);
}

function parse(lines: readonly string[]): Entries {
  return new Map(lines.filter((line) => line !== "").map((line) => splitLast(line)));
}

/** `c 1:3 rwm` */
function splitLast(line: string): [number: string, access: string] {
  const at = line.lastIndexOf(" ");
  return [line.slice(0, at), line.slice(at + 1)];
}

/** The letters of one that are not in the other. */
function without(access: string, other: string): string {
  return Array.from(access)
    .filter((letter) => !other.includes(letter))
    .join("");
}
