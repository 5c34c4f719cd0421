import { codeOf } from "../errno.js";
import type { Hand } from "./hand.js";
import type { Likeness } from "./hand-order.js";
import type { MadeNote } from "./made-note.js";

/** Makes something where things are made. Returns its inode. @param target of a link @throws Error with the system's code */
export function makeAside(hand: Hand, dev: number, note: MadeNote, like: Likeness, target = ""): bigint {
  try {
    return hand.make(dev, note.workshop, like, target);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    if (!isCleared(hand, dev, note.workshop)) note.moveWorkshop();
    return hand.make(dev, note.workshop, like, target);
  }
}

/** Takes away what was left there. False if that withstands, as a directory does that the container's root has filled. @throws Error ETIMEDOUT */
export function isCleared(hand: Hand, dev: number, workshop: string): boolean {
  try {
    const left = hand.look(dev, workshop);
    if (left) hand.remove(dev, workshop, left.inode);
    return true;
  } catch (error) {
    if (codeOf(error) === undefined || codeOf(error) === "ETIMEDOUT") throw error;
    return false;
  }
}
