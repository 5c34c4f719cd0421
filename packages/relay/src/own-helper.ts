import type { Helper, Target } from "@uevent-bridge/kernel";

import type { BridgeError } from "./errors.js";
import type { Outlet } from "./outlet.js";
import type { DeliveryChoice } from "./types.js";
import { failedInside, helperEnded } from "./warnings.js";
import { isWorthSaying } from "./worth-saying.js";

/** Milliseconds in which the end of the container itself is heard of, which is no trouble. */
const END_MS = 200;

export interface OwnHelperHooks {
  readonly onWarning: (warning: BridgeError) => void;
  /** Opens the outlet that tells it. */
  readonly open: (helper: Helper, onGone: () => void) => Outlet;
  readonly onClosed: (outlet: Outlet) => void;
  /** Until then something of ours is in the container. */
  readonly onLeaving: (work: Promise<void>) => void;
}

/** A program of a container that is run for each event, from outside. */
export class OwnHelper {
  readonly #name: string;
  readonly #program: string;
  readonly #hooks: OwnHelperHooks;
  #helper: Helper | undefined;
  #outlet: Outlet | undefined;
  #troubles = 0;
  #hasEnded = false;
  #closed = false;

  /** `name`: the container's. */
  constructor(name: string, program: string, hooks: OwnHelperHooks) {
    this.#name = name;
    this.#program = program;
    this.#hooks = hooks;
  }

  get choice(): DeliveryChoice {
    if (this.#helper) return { channel: "exec", choice: this.#program, reason: reasonFor(this.#helper) };
    const reason = this.#hasEnded
      ? "what ran it has ended"
      : "the container has not started; with --pid, once it runs, it is run";
    return { channel: "exec", choice: "off", reason };
  }

  /** The container has started. @throws KernelError */
  async prepare(target: Target): Promise<void> {
    const onTrouble = (sentence: string): void => this.#trouble(sentence);
    const opened = target.openHelper({ program: this.#program, onTrouble });
    const ended = opened.then((helper) => helper.ended);
    this.#hooks.onLeaving(ended.catch(() => undefined)); // it may be closed meanwhile; who asked is told what went wrong
    const helper = await opened;
    if (this.#closed) return helper.close();
    this.#helper = helper;
  }

  /** Begins to tell it what there is. */
  open(): void {
    const helper = this.#helper;
    if (!helper || this.#outlet) return;
    this.#outlet = this.#hooks.open(helper, () => this.#ended(helper));
    void helper.ended.then(() => this.#ended(helper));
  }

  /** As if the container had not started. */
  leave(): void {
    const outlet = this.#outlet;
    this.#outlet = undefined;
    if (outlet) this.#hooks.onClosed(outlet);
    outlet?.close();
    this.#helper?.close();
    this.#helper = undefined;
  }

  close(): void {
    this.#closed = true;
    this.leave();
  }

  #ended(helper: Helper): void {
    if (this.#helper !== helper) return;
    this.#hasEnded = true;
    this.leave();
    setTimeout(() => {
      if (!this.#closed) this.#hooks.onWarning(helperEnded(this.#name, this.#program));
    }, END_MS).unref();
  }

  #trouble(sentence: string): void {
    if (isWorthSaying(++this.#troubles)) this.#hooks.onWarning(failedInside(this.#name, sentence, this.#troubles));
  }
}

function reasonFor({ lacksFilter }: Helper): string {
  const without = lacksFilter ? ", without the seccomp filter of its programs, which cannot be given to another" : "";
  return `it is run in the container for each event${without}`;
}
