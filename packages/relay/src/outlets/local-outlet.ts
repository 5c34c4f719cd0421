import type { Uevent } from "@uevent-bridge/uevent";
import { isMalformed, toUevent } from "@uevent-bridge/uevent";

import type { Datagram } from "../datagram.js";
import { numbered } from "../datagram.js";
import type { KnownDevice } from "../known-device.js";
import type { View } from "../outlet.js";
import { Outlet } from "../outlet.js";
import type { Step } from "../reconcile.js";
import type { Change } from "../types.js";

export interface LocalOptions {
  /** False while nobody would hear it: then no bytes are copied. */
  readonly isHeard: () => boolean;
  readonly onEvent: (event: Uevent) => void;
}

/** The caller's own view of a container, in this process: what `devices()`, `events()` and `forwarded` speak of. */
export class LocalOutlet extends Outlet {
  readonly #options: LocalOptions;
  #seqnum = 0;
  #steps: Step<KnownDevice>[] = [];

  constructor(view: View, options: LocalOptions) {
    super(view);
    this.#options = options;
  }

  /** Catches up and says what that told. */
  takeChange(): Change {
    this.#steps = [];
    this.catchUp();
    const added = this.#steps.filter(({ action }) => action === "add").map(({ devpath }) => devpath);
    const removed = this.#steps.filter(({ action }) => action === "remove").map(({ devpath }) => devpath);
    return { added, removed };
  }

  protected readonly idle = true;

  protected accept(datagram: Datagram): boolean {
    const seqnum = ++this.#seqnum;
    if (!this.#options.isHeard()) return true;
    const event = toUevent(numbered(datagram, seqnum));
    if (!isMalformed(event)) this.#options.onEvent(event);
    return true;
  }

  protected override caughtUp(steps: readonly Step<KnownDevice>[]): void {
    this.#steps.push(...steps);
  }

  flush(): void {
    // nothing waits
  }

  close(): void {
    // nothing is held
  }
}
