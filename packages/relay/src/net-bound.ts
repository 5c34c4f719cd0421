import type { RawDevice } from "@uevent-bridge/kernel";
import type { KernelUevent } from "@uevent-bridge/uevent";

import type { BridgeError } from "./errors.js";
import type { Tree } from "./tree.js";
import { tooManyNetDevices } from "./warnings.js";
import { isWorthSaying } from "./worth-saying.js";

/** Net devices of a container's own network namespace that are known: it makes as many as it likes, and all wait while they are looked at. */
const NET_DEVICES_MAX = 1024;
/** Where some were left out, `/sys` is read again when there are no more than so many. */
const ROOM_AGAIN = 768;

/** Leaves out what is more than may be known. */
export class NetBound {
  readonly #netns: bigint;
  readonly #onWarning: (warning: BridgeError) => void;
  #isOver = false;
  /** How often some were left out after all had had room. */
  #times = 0;

  constructor(netns: bigint, onWarning: (warning: BridgeError) => void) {
    this.#netns = netns;
    this.#onWarning = onWarning;
  }

  /** Of those that `/sys` shows, in their order; who is known already stays. */
  choose(found: readonly RawDevice[], tree: Tree): readonly RawDevice[] {
    if (found.length > NET_DEVICES_MAX) this.#leaveOut();
    else this.#isOver = false;
    if (!this.#isOver) return found;
    const chosen = new Set(found.filter(({ devpath }) => tree.get(devpath)));
    for (const each of found) if (chosen.size < NET_DEVICES_MAX) chosen.add(each);
    return found.filter((each) => chosen.has(each));
  }

  /** Whether an event is of one that is not known, and for which there is no room. */
  leavesOut(event: KernelUevent, tree: Tree): boolean {
    if (tree.size < NET_DEVICES_MAX || tree.get(event.get("DEVPATH_OLD") ?? "")) return false;
    if (event.action !== "remove") this.#leaveOut();
    return true;
  }

  /** True once: there is room again for those that were left out. */
  takesRoom(tree: Tree): boolean {
    if (!this.#isOver || tree.size > ROOM_AGAIN) return false;
    this.#isOver = false;
    return true;
  }

  #leaveOut(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (isWorthSaying(++this.#times)) this.#onWarning(tooManyNetDevices(this.#netns, NET_DEVICES_MAX));
  }
}
