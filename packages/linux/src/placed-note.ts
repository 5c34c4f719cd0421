import type { MountedBelow } from "./dev/mounted-below.js";
import { MADE } from "./directory-lock.js";
import type { LockedDirectory } from "./directory-lock.js";
import type { Held } from "./file-lock.js";
import type { PlacePath } from "./place-refusal.js";

/** Where a directory was put. */
interface PlacedAt {
  /** What the mount namespace is known by: nobody else takes it away there. */
  readonly mntns: bigint;
  /** There was nothing to mount it on. */
  readonly isMade: boolean;
}

/**
 * Says in a directory's lock into which mount namespace it was put, for the relay after this one, should this one be killed. It stays
 * noted until it has been taken away there: who does not even look for it leaves it to the next.
 */
export class PlacedNote {
  /** Where a relay before this one has put it. */
  readonly left: PlacedAt | undefined;
  readonly #locked: LockedDirectory;

  constructor(locked: LockedDirectory) {
    const [, made, mntns] = /\b(on-new )?placed (\d+)$/.exec(locked.lock.left) ?? [];
    this.left = mntns === undefined ? undefined : { mntns: BigInt(mntns), isMade: made !== undefined };
    this.#locked = locked;
  }

  write({ mntns, isMade }: PlacedAt): void {
    this.#note(`${isMade ? "on-new " : ""}placed ${mntns}`);
  }

  /** Says that its directory is there, or nodes of it, as long as it is open. Returns who has said so of another. @param at a place */
  claim(at: PlacePath, mntns: bigint): Held | undefined {
    return this.#locked.lock.also(`${at.slice(1).replace("/", "-")}-${mntns}`);
  }

  forget(): void {
    this.#note("");
  }

  #note(placed: string): void {
    const { opened, lock } = this.#locked;
    lock.note([opened.made ? MADE : "", placed].filter((part) => part !== "").join(" "));
  }
}

/** A directory that can be put into a container which runs already. */
export interface Placeable {
  readonly placed: PlacedNote;
  /** It is being put there. Returns what is to be called when it is there. */
  placing?(): () => void;
  /** Whether it has nothing under a name, or what is there to be mounted on. */
  isFree?(name: string): boolean;
  /** Something that is mounted in the container needs these names to come along. Returns what lets go of them. */
  reserve?(names: readonly MountedBelow[]): () => void;
  /** Names in it on which something can be mounted that hides nothing. */
  mountpoints?(): readonly string[];
}

export function isPlaceable(directory: object): directory is Placeable {
  return "placed" in directory && directory.placed instanceof PlacedNote;
}
