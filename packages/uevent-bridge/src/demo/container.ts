import type { Target } from "@uevent-bridge/relay";

import type { Channel, Heard, Sighting } from "./sighting.js";

/** A throw-away container: it is told, and reports what it read. */
export interface DemoContainer extends AsyncDisposable {
  readonly name: string;
  /** Where its program has bound a socket. */
  readonly directory: string;
  /** Absent: it has no namespaces of its own. */
  readonly target?: Target;
  /** Its namespaces that are not ours, as `net:[4026531840]`. */
  readonly namespaces: readonly string[];
  /** What it read until the last `sync()`. */
  readonly heard: Heard;
  /** Has it read all that waits for it. */
  sync(): Promise<void>;
}

/** What a container has heard, as it comes in. */
export class HeardSoFar implements Heard {
  readonly socket: Sighting[] = [];
  readonly netlink: Sighting[] = [];

  add(channel: Channel, sighting: Sighting): void {
    this[channel].push(sighting);
  }
}
