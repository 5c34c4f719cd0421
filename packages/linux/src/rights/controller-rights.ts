import { writeFileSync } from "node:fs";

import type { Access, DeviceNumber, DeviceRights } from "@uevent-bridge/kernel";

import { textOf } from "../bytes-path.js";
import { inside } from "../directory-above.js";
import { ERRNO, errnoOf } from "../errno.js";
import { readText } from "../read-text.js";
import { orUndo } from "../undo.js";
import { ALL, allIfAll, opens, parse, without } from "./device-list.js";
import type { Entries } from "./device-list.js";
import { letGo, unlessGone } from "./held-cgroup.js";
import type { Cgroup } from "./held-cgroup.js";
import { covers, EVERYTHING, lineOf } from "./number.js";
import { namesBelow } from "./processes-below.js";
import { cgroupsInTheWay, parentRefuses, refusal } from "./refusal.js";

/** Before what is noted for the relay after this one: what the list was. */
/** Begins what is noted of a cgroup: what its list said before. */
export const NOTE = "devices ";

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
    this.#before = left.startsWith(NOTE) ? parse(left.slice(NOTE.length).split(";")) : allIfAll(this.#list());
    orUndo(
      () => this.#begin(true),
      () => this.#restore(),
    );
  }

  get path(): string {
    return textOf(this.#cgroup.path);
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
      return opens(this.#list(), number, access) ? undefined : `the cgroup ${this.path} (devices.list)`;
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

  /** @throws KernelError it cannot be as it was: that stays noted for the next relay */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    let isAsItWas = false;
    try {
      unlessGone(this.#cgroup, () => this.#restore());
      isAsItWas = true;
    } finally {
      letGo(this.#cgroup, !isAsItWas);
    }
  }

  /** Where everything may be opened, nothing may from now on that is not granted. @param isLater not before others are forgotten */
  #begin(isLater = false): void {
    this.#cgroup.lock.note(NOTE + Array.from(this.#before, ([line, access]) => `${line} ${access}`).join(";"));
    if (!this.#before.has(ALL) || !this.#list().has(ALL)) return;
    if (!this.#writeAll("devices.deny"))
      throw cgroupsInTheWay(this.#cgroup.path, namesBelow(inside(this.#cgroup.fd, ".")));
    if (isLater) this.#tryToAllowEverything();
  }

  #tryToAllowEverything(): void {
    try {
      this.#allowEverything();
    } catch {
      // the cgroup above may not: what it may is not said, so that it cannot be allowed
    }
  }

  #allowEverything(): void {
    for (const number of EVERYTHING) this.#allow(`${lineOf(number)} rwm`);
  }

  #restore(): void {
    this.#own.clear();
    if (!this.#before.has(ALL)) return this.forgetOthers();
    if (!this.#list().has(ALL) && !this.#writeAll("devices.allow")) this.#allowEverything();
  }

  /** False if there are cgroups below: then the kernel takes no `a`, but single lines. @throws KernelError */
  #writeAll(name: string): boolean {
    const result = this.#tryToWrite(name, "a");
    if (result < 0 && result !== -ERRNO.EINVAL) throw refusal(this.#cgroup.path, name, result);
    return result === 0;
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
    if (less !== "") this.#deny(`${line} ${less}`);
  }

  /** The kernel lets through what one line lets through: it has to say all that is granted by those that stand for it, too. */
  #wanted(line: string): string {
    const own = this.#own.get(line);
    const all = [...this.#own.values()].filter(({ number }) => own && covers(number, own.number));
    return [...new Set(all.flatMap(({ access }) => Array.from(access)))].join("");
  }

  /** A cgroup may open nothing that the one above it may not. @throws KernelError */
  #allow(line: string): void {
    const result = this.#tryToWrite("devices.allow", line);
    if (result === -ERRNO.EPERM) throw parentRefuses(this.#cgroup.path, line);
    if (result < 0) throw refusal(this.#cgroup.path, "devices.allow", result);
  }

  /** @throws KernelError */
  #deny(line: string): void {
    const result = this.#tryToWrite("devices.deny", line);
    if (result < 0) throw refusal(this.#cgroup.path, "devices.deny", result);
  }

  #tryToWrite(name: string, line: string): number {
    try {
      writeFileSync(inside(this.#cgroup.fd, name), line);
      return 0;
    } catch (cause) {
      return errnoOf(cause);
    }
  }

  #list(): Entries {
    return parse(readText(inside(this.#cgroup.fd, "devices.list")).split("\n"));
  }
}
