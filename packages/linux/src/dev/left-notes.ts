import { closeSync, existsSync, renameSync, unlinkSync } from "node:fs";

import type { Addon } from "../addon.js";
import { inside } from "../directory-above.js";
import { codeOf } from "../errno.js";
import type { MountTables } from "../mount-tables.js";
import { deviceOf, openContainerDev } from "./container-dev.js";
import { isSameDev } from "./dev-identity.js";
import type { DevIdentity } from "./dev-identity.js";
import type { Hand } from "./hand.js";
import { namesOfNotes, NEW, NOTE, putAside, readNote, topmostLast } from "./made-note.js";
import type { Note } from "./made-note.js";
import { takeAwayMade } from "./taking-away.js";
import { isCleared } from "./workshop.js";

const DEV = "/dev";
const PLACES_MAX = 8; // mount namespaces in which it is looked for

interface Tools {
  readonly addon: Addon;
  readonly hand: Hand;
  readonly mounts: MountTables;
}

/**
 * Takes away what relays that were killed have made in a `/dev` that is not the one at hand, as far as somebody can come to it. What is noted of
 * that stays noted as long as it may be there.
 * @param home of the host, in which the notes are
 * @param own the one at hand: what is noted of it is what `MadeNote` finds
 */
export function settleNotes(tools: Tools, home: number, own?: DevIdentity): void {
  for (const [name, note] of notesIn(home)) {
    const isOwn = own !== undefined && isSameDev(note.identity, own);
    if (isOwn && name === NOTE) continue;
    if (isOwn && !existsSync(inside(home, NOTE))) renameSync(inside(home, name), inside(home, NOTE));
    else if (isTakenAway(tools, note) || isGone(tools, note.identity)) unlinkSync(inside(home, name));
    else putAside(home, name, note);
  }
}

/** Forgets what was made in a `/dev` that is there no more. */
export function forgetGone(tools: Omit<Tools, "hand">, home: number): void {
  for (const [name, { identity }] of notesIn(home)) if (isGone(tools, identity)) unlinkSync(inside(home, name));
}

/** The last relay's first: its place is taken then. One that was not put in its place yet says nothing that another does not. */
function notesIn(home: number): readonly (readonly [name: string, note: Note])[] {
  return namesOfNotes(home).flatMap((name) => {
    const note = readNote(home, name);
    if (!note) return [];
    if (name !== NEW) return [[name, note]];
    unlinkSync(inside(home, name));
    return [];
  });
}

function isTakenAway(tools: Tools, note: Note): boolean {
  tools.hand.hold();
  try {
    const dev = reach(tools, note.identity);
    return dev !== undefined && takeAwayAll(tools.hand, dev, note);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false; // it is held up, or withstands: the next relay tries it again
  } finally {
    tools.hand.letGo();
  }
}

/** @param dev is closed */
function takeAwayAll(hand: Hand, dev: number, { workshop, made }: Note): boolean {
  try {
    isCleared(hand, dev, workshop); // else it is not ours
    const left = topmostLast(made).filter(([name, inode]) => !takeAwayMade(hand, dev, name, inode));
    return left.length === 0;
  } finally {
    closeSync(dev);
  }
}

/** Opens it, if a process has it. */
function reach(tools: Tools, identity: DevIdentity): number | undefined {
  tools.mounts.forget(); // it may have been mounted just now
  for (const pid of tools.mounts.having(deviceOf(identity), DEV).slice(0, PLACES_MAX)) {
    const found = openContainerDev(tools, pid);
    if (typeof found === "string") continue;
    if (isSameDev(found.identity, identity)) return found.fd;
    closeSync(found.fd);
  }
  return undefined;
}

/** Nobody has its file system, and nobody keeps the mount namespace for later. */
function isGone({ addon, mounts }: Omit<Tools, "hand">, identity: DevIdentity): boolean {
  return !mounts.mayHave(deviceOf(identity)) && addon.mountNamespaceExists(identity.mntns) !== 1;
}
