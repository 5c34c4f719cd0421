import { closeSync } from "node:fs";

import type { Access, DeviceNumber, DeviceRights } from "@uevent-bridge/kernel";

import { textOf } from "../bytes-path.js";
import { ERRNO } from "../errno.js";
import { orUndo } from "../undo.js";
import { programThatRefuses } from "./asked-programs.js";
import type { Program } from "./cgroup-program.js";
import { attach, detach, openPrograms, programIds, putBack, restore } from "./cgroup-program.js";
import { Granted } from "./granted.js";
import { letGo, unlessGone } from "./held-cgroup.js";
import type { Cgroup } from "./held-cgroup.js";

/** Device rights in cgroup v2: programs of ours look into a map, and ask those of the runtime in whose place they are for the rest. */
export class ProgramRights implements DeviceRights {
  readonly #cgroup: Cgroup;
  readonly #granted: Granted;
  readonly #lookInto = (map: number): void => this.#look(this.#programs, map);
  #programs: readonly Program[] = [];
  /** Of ours, by id: the one in whose place it is, if whoever attached that held it afterwards, as systemd does until it has a new one. */
  #held: ReadonlyMap<number, number> = new Map();
  #closed = false;

  /** @param cgroup owned from now on, unless this throws @throws KernelError */
  constructor(cgroup: Cgroup) {
    this.#cgroup = cgroup;
    this.#granted = new Granted(cgroup);
    orUndo(
      () => this.#begin(),
      () => this.#end(),
    );
  }

  get path(): string {
    return textOf(this.#cgroup.path);
  }

  get adds(): boolean {
    return this.#programs.some(({ before }) => before !== undefined);
  }

  grant(number: DeviceNumber, access: Access): void {
    unlessGone(this.#cgroup, () => this.#granted.put(number, access, this.#lookInto));
  }

  revoke(number: DeviceNumber): void {
    this.#granted.remove(number);
  }

  refusedBy(number: DeviceNumber, access: Access): string | undefined {
    return unlessGone(this.#cgroup, () => programThatRefuses(this.#cgroup, number, access));
  }

  forgetOthers(): void {
    this.#granted.forgetOthers();
  }

  hold(): boolean {
    return (
      unlessGone(this.#cgroup, () => {
        const isReplaced = !this.#isInForce();
        if (isReplaced) this.#takeOver();
        else this.#forgetLetGo();
        this.#granted.settle(this.#lookInto); // at last: what is refused is to keep nothing else from being done
        return isReplaced;
      }) ?? false
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#end();
    } finally {
      letGo(this.#cgroup);
    }
  }

  #begin(): void {
    if (programIds(this.#cgroup).length === 0) this.#granted.keepEverything();
    this.#takeOver();
  }

  #end(): void {
    try {
      unlessGone(this.#cgroup, () => this.#programs.forEach((program) => restore(this.#cgroup, program)));
    } finally {
      for (const { fd } of this.#programs) closeSync(fd);
      this.#granted.close();
    }
  }

  #isInForce(): boolean {
    const ids = programIds(this.#cgroup);
    return ids.length === this.#programs.length && this.#programs.every(({ id }) => ids.includes(id));
  }

  #takeOver(): void {
    const found = openPrograms(this.#cgroup);
    try {
      for (const { map } of found) if (map !== undefined) this.#granted.keep(map);
      const obsolete = found.filter((each) => isObsolete(each, found, (id) => this.#isLetGo(id)));
      this.#look(
        found.filter((each) => !obsolete.includes(each)),
        this.#granted.fd,
      );
      for (const each of obsolete) detach(this.#cgroup, each);
    } finally {
      for (const { fd } of found) closeSync(fd);
    }
    this.#forgetLetGo();
  }

  /** Who lets one go and puts no other there at once, as runc does that ends, makes none anew. */
  #forgetLetGo(): void {
    this.#held = new Map([...this.#held].filter(([, before]) => isHeld(this.#cgroup, before) === true));
  }

  #heldIn(place: Program, ours: Program | undefined): readonly (readonly [number, number])[] {
    const before = place.map === undefined ? place.id : this.#held.get(place.id);
    return ours && before !== undefined ? [[ours.id, before]] : [];
  }

  #isLetGo(id: number): boolean {
    const before = this.#held.get(id);
    return before !== undefined && isHeld(this.#cgroup, before) === false;
  }

  /** Has what is attached ask this map first: all of it, or none. */
  #look(attached: readonly Program[], map: number): void {
    const before = this.#programs;
    this.#programs = attachAll(this.#cgroup, map, attached.length > 0 ? attached : [undefined]);
    this.#held = new Map(attached.flatMap((place, i) => this.#heldIn(place, this.#programs[i])));
    for (const { fd } of before) closeSync(fd);
  }
}

/** Undefined if that cannot be known now. */
function isHeld({ addon }: Cgroup, id: number): boolean | undefined {
  const fd = addon.openBpfProgram(id);
  if (fd >= 0) closeSync(fd);
  return fd >= 0 ? true : fd === -ERRNO.ENOENT ? false : undefined;
}

function attachAll(cgroup: Cgroup, map: number, places: readonly (Program | undefined)[]): readonly Program[] {
  const done: { readonly program: Program; readonly place: Program | undefined }[] = [];
  return orUndo(
    () => {
      for (const place of places) done.push({ program: attach(cgroup, map, place), place });
      return done.map(({ program }) => program);
    },
    () => done.forEach(({ program, place }) => putBack(cgroup, program, place)),
  );
}

/** Ours, in the place of nothing or of a program that its runtime has made anew: what the runtime says now is in force. */
function isObsolete(ours: Program, found: readonly Program[], isLetGo: (id: number) => boolean): boolean {
  if (ours.map === undefined) return false;
  return found.some(
    (other) =>
      other.map === undefined && (ours.before === undefined || isLetGo(ours.id) || isMadeAnew(ours, other, found)),
  );
}

/** It says the same, or has the name that one of ours alone has. Many runtimes give none, which tells nothing. */
function isMadeAnew({ name, before }: Program, other: Program, found: readonly Program[]): boolean {
  if (before && other.before && Buffer.compare(before, other.before) === 0) return true;
  const isOnly = found.filter((each) => each.map !== undefined && each.name === name).length === 1;
  return name !== "" && isOnly && other.name === name;
}
