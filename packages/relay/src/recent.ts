import type { KnownDevice } from "./known-device.js";

export interface RecentEvent {
  readonly time: number;
  readonly action: string;
  readonly devpath: string;
  /** The device that it was about, or why it was about none. */
  readonly about: KnownDevice | "not-a-device" | "absent";
}

/** The last events of the kernel: what `log()` explains when it is asked, so that an event costs one entry for all containers. */
export class Recent {
  readonly #entries: RecentEvent[] = [];
  readonly #limit: number;
  /** When what is added was heard, in milliseconds since 1970: set for each batch, as asking the clock costs. */
  now = 0;
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(action: string, devpath: string, about: RecentEvent["about"]): void {
    this.#entries[this.#next] = { time: this.now, action, devpath, about };
    this.#next = (this.#next + 1) % this.#limit;
  }

  /** Oldest first. */
  list(): readonly RecentEvent[] {
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
  }
}
