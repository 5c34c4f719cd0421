import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Access, DeviceNumber, DeviceRights } from "@uevent-bridge/kernel";

import { inside } from "../directory-above.js";
import { ERRNO, errnoOf } from "../errno.js";
import { orUndo } from "../undo.js";
import { letGo, unlessGone } from "./held-cgroup.js";
import type { Cgroup } from "./held-cgroup.js";
import { covers, EVERYTHING, lineOf } from "./number.js";
import { parentRefuses, refusal } from "./refusal.js";

const ALL = "a *:*";
/** Before what is noted for the relay after this one: what the list was. */
const NOTE = "devices ";

/** What a list says, by number as it is written there: `c 1:3` to `rwm`. */
type Entries = ReadonlyMap<string, string>;

interface Granted {
  readonly number: DeviceNumber;
  readonly access: Access;
}

/** Device rights in cgroup v1: the kernel keeps one list, to which the runtime and we add. */
export class ControllerRights implements DeviceRights {
  readonly #cgroup: Cgroup;
  /** What the list is without us. */
  #before: Entries;
  readonly #own = new Map<string, Granted>();
  #closed = false;

  /** @param cgroup owned from now on, unless this throws @throws KernelError */
  constructor(cgroup: Cgroup) {
    const { left } = cgroup.lock;
    this.#cgroup = cgroup;
    this.#before = left.startsWith(NOTE) ? parse(left.slice(NOTE.length).split(";")) : this.#list();
    orUndo(
      () => this.#begin(true),
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
    this.#own.set(lineOf(number), { number, access });
    orUndo(
      () => unlessGone(this.#cgroup, () => this.#sayAllOf(number)),
      () => this.#own.delete(lineOf(number)),
    );
  }

  revoke(number: DeviceNumber): void {
    this.#own.delete(lineOf(number));
    unlessGone(this.#cgroup, () => {
      this.#say(lineOf(number), this.#list());
      this.#sayAllOf(number);
    });
  }

  refusedBy(number: DeviceNumber, access: Access): string | undefined {
    return unlessGone(this.#cgroup, () => {
      const opens = Array.from(this.#list()).some(
        ([line, letters]) => lineCovers(line, number) && !without(access, letters),
      );
      return opens ? undefined : `the cgroup ${this.path} (devices.list)`;
    });
  }

  forgetOthers(): void {
    unlessGone(this.#cgroup, () => {
      const list = this.#list();
      for (const line of list.keys()) if (!this.#own.has(line)) this.#say(line, list);
    });
  }

  hold(): boolean {
    return unlessGone(this.#cgroup, () => this.#holdAgainst(this.#list())) ?? false;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      unlessGone(this.#cgroup, () => this.#restore());
    } finally {
      letGo(this.#cgroup);
    }
  }

  /** Where everything may be opened, nothing may from now on that is not granted. @param isLater not before others are forgotten */
  #begin(isLater = false): void {
    this.#cgroup.lock.note(NOTE + Array.from(this.#before, ([line, access]) => `${line} ${access}`).join(";"));
    if (!this.#before.has(ALL) || !this.#list().has(ALL)) return;
    this.#write("devices.deny", "a");
    if (isLater) this.#allowEverything();
  }

  #allowEverything(): void {
    try {
      for (const number of EVERYTHING) this.#allow(`${lineOf(number)} rwm`);
    } catch {
      // the cgroup above may not: what it may is not said, so that it cannot be allowed
    }
  }

  #restore(): void {
    this.#own.clear();
    if (this.#before.has(ALL)) this.#write("devices.allow", "a");
    else this.forgetOthers();
  }

  /** A runtime that says anew what may be opened writes the whole list, and ours are lost. */
  #holdAgainst(list: Entries): boolean {
    const lost = [...this.#own.keys()].filter((line) => without(this.#wanted(line), list.get(line) ?? "") !== "");
    if (lost.length === 0 && !list.has(ALL)) return false;
    const kept = [...this.#own.keys()].filter((line) => !lost.includes(line));
    this.#before = new Map([...list, ...kept.map((line) => [line, this.#before.get(line) ?? ""] as const)]);
    this.#begin();
    for (const line of lost) this.#say(line, list);
    return true;
  }

  /** Of a number, and of those of ours for which it stands. */
  #sayAllOf(number: DeviceNumber): void {
    const list = this.#list();
    for (const [line, granted] of this.#own) if (covers(number, granted.number)) this.#say(line, list);
  }

  /** What is not in the list that is wanted, and what is in it that is neither wanted nor the runtime's. */
  #say(line: string, list: Entries): void {
    const wanted = this.#wanted(line);
    const more = without(wanted, list.get(line) ?? "");
    const less = without(list.get(line) ?? "", wanted + (this.#before.get(line) ?? ""));
    if (more !== "") this.#allow(`${line} ${more}`);
    if (less !== "") this.#write("devices.deny", `${line} ${less}`);
  }

  /** The kernel lets through what one line lets through: it has to say all that is granted by those that stand for it, too. */
  #wanted(line: string): string {
    const own = this.#own.get(line);
    const all = [...this.#own.values()].filter(({ number }) => own && covers(number, own.number));
    return [...new Set(all.flatMap(({ access }) => Array.from(access)))].join("");
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

/** Whether what a list says of `c 1:*` is said of this one. `a *:*` is all. */
function lineCovers(line: string, number: DeviceNumber): boolean {
  const [type, numbers = ""] = line.split(" ");
  const [major, minor] = numbers.split(":");
  const fits = (part: string | undefined, sought: number | "any") => part === "*" || part === `${sought}`;
  return (type === "a" || type === lineOf(number)[0]) && fits(major, number.major) && fits(minor, number.minor);
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
