import type { Replay } from "./replay.js";

/** How an outlet stands to what is said of the past. */
export class Past {
  readonly #replay: Replay | undefined;
  #goesOn = false;

  constructor(replay: Replay | undefined) {
    this.#replay = replay;
  }

  /** It knows from now on what it was told by the relay before. True if it hears next what that one did not tell. */
  goOn(): boolean {
    this.#goesOn = this.#replay?.isOn === true;
    return this.#goesOn;
  }

  /** It hears it: it falls behind only when all of it has been said. */
  get isHeard(): boolean {
    return this.#goesOn && this.#replay?.isOver === false;
  }

  /** It is not for it: it has heard it, or it is told the difference when all of it has been said. */
  get isIgnored(): boolean {
    return !this.#goesOn && this.#replay?.isOver === false;
  }

  /** It is told what there is only when all of it has been said; what the host keeps is brought up to date before. */
  isAwaited(isKeptHere: boolean): boolean {
    return this.#replay?.isOver === false && !(this.#replay.isHeld && isKeptHere);
  }
}
