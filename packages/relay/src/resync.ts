import type { Container } from "./container.js";
import type { Counters } from "./counters.js";
import type { BridgeError } from "./errors.js";
import type { Feed } from "./feed.js";
import type { KnownDevice } from "./known-device.js";
import type { Learner } from "./learner.js";
import type { Tap } from "./loop.js";
import type { Replay } from "./replay.js";
import type { Teller } from "./teller.js";
import type { Gap } from "./types.js";
import { unreadable } from "./warnings.js";
import { isWorthSaying } from "./worth-saying.js";

/** Milliseconds until `/sys` is read again that could not be read. */
const AGAIN_MS = 1000;

export interface ResyncParts {
  readonly replay: Replay;
  readonly learner: Learner;
  readonly teller: Teller;
  readonly taps: ReadonlySet<Tap>;
  readonly counters: Counters;
  readonly containers: () => Iterable<Container>;
  readonly onGap: (gap: Gap) => void;
  readonly onWarning: (feed: Feed, warning: BridgeError) => void;
  /** Sends what was pushed and lets outlets go on. */
  readonly flush: () => void;
}

/** Makes good what the kernel could not say: `/sys` is read, and those whom the feed concerns are told the difference. */
export class Resync {
  readonly #parts: ResyncParts;

  constructor(parts: ResyncParts) {
    this.#parts = parts;
  }

  /** New events wait in the kernel's buffer meanwhile. */
  start(feed: Feed): void {
    if (feed.overrun) this.#sayGap(feed);
    feed.overrun = false;
    feed.pause();
    feed.resyncing ??= this.#reread(feed)
      .catch((error: unknown) => this.#unread(feed, error))
      .finally(() => {
        feed.resyncing = undefined;
        feed.resume();
      });
  }

  async #reread(feed: Feed): Promise<void> {
    const { learner, teller } = this.#parts;
    await learner.applied(feed.waiting); // what waits for an attribute was said before the hole
    if (feed.isClosed) return;
    const { gone, came, changed } = await feed.enumerate();
    this.#parts.counters.resyncs++;
    const before = this.#concerned(feed).map((container) => [container, container.told()] as const);
    feed.unread = 0;
    teller.leave(gone);
    const unknown = feed.take(() => learner.reconsiderAll(came, changed, feed.registry.tree.devices()));
    await learner.learn(unknown);
    feed.take(() => this.#retell(before));
  }

  #retell(before: readonly (readonly [Container, ReadonlySet<KnownDevice>])[]): void {
    for (const [container, told] of before) if (!container.isDetached) container.resynced(told);
    this.#parts.flush();
  }

  /** It is read again when the kernel has said something more, or after a while. */
  #unread(feed: Feed, error: unknown): void {
    feed.registry.incomplete = true;
    if (isWorthSaying(++feed.unread)) this.#parts.onWarning(feed, unreadable(error));
    if (!feed.isClosed) feed.readAgain ??= setTimeout(() => this.#again(feed), AGAIN_MS).unref();
  }

  /** What waits in the source comes first, and has it read. */
  #again(feed: Feed): void {
    feed.readAgain = undefined;
    if (feed.registry.incomplete && feed.drained) this.start(feed);
  }

  /** What is lost of a container's own netns is nobody else's loss. */
  #sayGap(feed: Feed): void {
    this.#parts.counters.overruns++;
    const gap: Gap = { kind: "gap", lost: "unknown", where: "kernel" };
    if (feed.isHost) {
      this.#parts.replay.lose();
      this.#parts.onGap(gap);
      for (const tap of this.#parts.taps) tap.gap(gap);
    } else for (const container of this.#concerned(feed)) container.gap(gap);
  }

  /** The containers that are told of what the feed says. */
  #concerned(feed: Feed): readonly Container[] {
    return [...this.#parts.containers()].filter(({ netns }) => feed.isHost || netns === feed.netns);
  }
}
