import type { KnownDevice } from "../known-device.js";

/** Numbers of events that udevd has passed on, is to pass on, or was not waited for any longer: so many of each are remembered. */
const REMEMBERED = 4096;

export interface AnswersOptions {
  /** Milliseconds to wait for one. */
  readonly udevMs: number;
  /** It has come when nobody waited for it any more. */
  readonly onLate: (device: KnownDevice) => void;
}

/** What the host's udevd has said, by the numbers of the kernel's events: for each it says one thing, some time later. */
export class UdevAnswers {
  readonly #options: AnswersOptions;
  readonly #awaited = new Map<bigint, Promise<void>>();
  readonly #resolve = new Map<bigint, () => void>();
  readonly #giveUp = new Map<bigint, () => void>();
  readonly #heard = new Set<bigint>();
  readonly #expected = new Set<bigint>(); // it has them to say, whether or not somebody waits
  readonly #lastOf = new WeakMap<KnownDevice, bigint>();
  readonly #givenUp = new Map<bigint, KnownDevice>();

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** Resolves when udevd has passed on this event, or has not for too long; undefined if it has. */
  wait(seqnum: bigint, device: KnownDevice): Promise<void> | undefined {
    if (this.#heard.has(seqnum) || this.#givenUp.has(seqnum)) return undefined;
    const awaited = this.#awaited.get(seqnum) ?? this.#await(seqnum, device);
    this.#awaited.set(seqnum, awaited);
    return awaited;
  }

  /** The kernel has said this of a device: udevd will. */
  expect(seqnum: bigint, device: KnownDevice): void {
    if (this.#heard.has(seqnum)) return;
    this.#lastOf.set(device, seqnum);
    this.#expected.add(seqnum);
    forgetOldest(this.#expected);
  }

  /** Resolves when udevd has passed on what it has to say of this device; undefined if that is nothing. */
  expected(device: KnownDevice): Promise<void> | undefined {
    const seqnum = this.#lastOf.get(device);
    return seqnum !== undefined && this.#expected.has(seqnum) ? this.wait(seqnum, device) : undefined;
  }

  heard(seqnum: bigint): void {
    this.#expected.delete(seqnum);
    this.#heard.add(seqnum);
    forgetOldest(this.#heard);
    this.#resolve.get(seqnum)?.();
    const late = this.#givenUp.get(seqnum);
    this.#givenUp.delete(seqnum);
    if (late) this.#options.onLate(late);
  }

  /** Something was lost of what it said: nobody waits for it any longer, and it may come still. */
  lost(): void {
    this.#expected.clear();
    for (const giveUp of this.#giveUp.values()) giveUp();
  }

  #await(seqnum: bigint, device: KnownDevice): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        for (const map of [this.#awaited, this.#resolve, this.#giveUp]) map.delete(seqnum);
        resolve();
      };
      const giveUp = (): void => {
        this.#expected.delete(seqnum);
        this.#givenUp.set(seqnum, device);
        forgetOldest(this.#givenUp);
        done();
      };
      const timer = setTimeout(giveUp, this.#options.udevMs).unref(); // who is told holds the process
      this.#resolve.set(seqnum, done);
      this.#giveUp.set(seqnum, giveUp);
    });
  }
}

function forgetOldest(numbers: Set<bigint> | Map<bigint, unknown>): void {
  if (numbers.size <= REMEMBERED) return;
  const [oldest] = numbers.keys();
  if (oldest !== undefined) numbers.delete(oldest);
}
