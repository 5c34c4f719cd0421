import type { Addon } from "./addon.js";
import type { MountedBelow } from "./dev/mounted-below.js";
import { MADE } from "./directory-lock.js";
import type { LockedDirectory } from "./directory-lock.js";
import { otherAt } from "./other-relay.js";
import type { OtherRelay } from "./other-relay.js";
import type { PlacePath } from "./place-refusal.js";

/** Where a directory was put. */
interface PlacedAt {
  readonly at: PlacePath;
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
  readonly left: Omit<PlacedAt, "at"> | undefined;
  readonly #locked: LockedDirectory;

  constructor(locked: LockedDirectory) {
    const [, made, mntns] = /\b(on-new )?placed (\d+)$/.exec(locked.lock.left) ?? [];
    this.left = mntns === undefined ? undefined : { mntns: BigInt(mntns), isMade: made !== undefined };
    this.#locked = locked;
  }

  write({ at, mntns, isMade }: PlacedAt): void {
    this.#note(`${at} ${isMade ? "on-new " : ""}placed ${mntns}`);
  }

  /** An engine has bound it in, which nobody takes away. */
  writeBound({ at, mntns }: Omit<PlacedAt, "isMade">): void {
    this.#note(`${at} bound ${mntns}`);
  }

  /** Single nodes are made there; what is left elsewhere stays noted. */
  writeNodes({ at, mntns }: Omit<PlacedAt, "isMade">): void {
    const [placed = ""] = /(?:on-new )?placed \d+$/.exec(this.#locked.lock.left) ?? [];
    this.#note(`${at} nodes ${mntns} ${placed}`.trim());
  }

  /** Who has noted that his directory is there. */
  otherAt(addon: Addon, place: Omit<PlacedAt, "isMade">): OtherRelay | undefined {
    return otherAt(addon, this.#locked.lock, place);
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
