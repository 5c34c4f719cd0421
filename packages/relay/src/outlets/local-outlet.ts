import type { Uevent } from "@uevent-bridge/uevent";
import { isMalformed, toUevent } from "@uevent-bridge/uevent";

import type { Datagram } from "../datagram.js";
import { numbered } from "../datagram.js";
import type { KnownDevice } from "../known-device.js";
import type { Concern } from "../concern.js";
import type { View } from "../view.js";
import { Outlet } from "../outlet.js";

export interface LocalOptions {
  /** False while nobody would hear it: then no bytes are copied. */
  readonly isHeard: () => boolean;
  readonly onEvent: (event: Uevent) => void;
  /** It was told of other devices than before. */
  readonly onChanged: () => void;
}

/** The caller's own view of a container, in this process: what `devices()`, `events()` and `forwarded` speak of. */
export class LocalOutlet extends Outlet {
  readonly #options: LocalOptions;
  #seqnum = 0;
  #isChanged = false;

  constructor(view: View, options: LocalOptions) {
    super(view);
    this.#options = options;
  }

  protected readonly idle = true;

  /** Whoever does not hear it loses nothing. */
  override said(device: KnownDevice, datagram: Datagram): void {
    if (this.#options.isHeard()) super.said(device, datagram);
  }

  protected accept(datagram: Datagram, concern: Concern | undefined): boolean {
    if (concern?.doubt === "existence") this.#change();
    if (!this.#options.isHeard()) return true;
    const event = toUevent(numbered(datagram, ++this.#seqnum));
    if (!isMalformed(event)) this.#options.onEvent(event);
    return true;
  }

  protected override caughtUp(): void {
    this.#change(); // rules may need more
  }

  flush(): void {
    if (!this.#isChanged || this.behind) return;
    this.#isChanged = false;
    this.#options.onChanged();
  }

  #change(): void {
    this.#isChanged = true;
    this.schedule();
  }

  close(): void {
    // nothing is held
  }
}
