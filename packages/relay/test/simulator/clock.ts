import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { setImmediate } = globalThis; // the real one, in whose turns promises settle

/** Milliseconds after which whoever is waited for will not be done any more. */
const ENDLESS_MS = 600_000;

class VirtualTimer {
  readonly at: number;
  readonly every: number | undefined;
  readonly call: () => void;

  constructor(at: number, every: number | undefined, call: () => void) {
    this.at = at;
    this.every = every;
    this.call = call;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/**
 * Time that passes when the simulator says so, and a little with each look at it. While it is installed it is the only one: nothing waits
 * for the machine's, and the same steps take the same time.
 */
export class Clock {
  readonly #timers = new Set<VirtualTimer>();
  readonly #lookMs: number;
  #now = 0;

  /** @param lookMs that pass with each look at the clock: how busy the machine is */
  constructor(lookMs = 0) {
    this.#lookMs = lookMs;
  }

  /** Returns how to have the machine's own time back. */
  install(): () => void {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
    const own = { setTimeout, clearTimeout, setInterval, clearInterval };
    const { now } = Date;
    const bigint = process.hrtime.bigint.bind(process.hrtime);
    const clear = (timer: VirtualTimer | undefined): void => void (timer && this.#timers.delete(timer));
    Object.assign(globalThis, {
      setTimeout: (call: () => void, ms = 0) => this.#add(call, ms),
      setInterval: (call: () => void, ms: number) => this.#add(call, ms, ms),
      clearTimeout: clear,
      clearInterval: clear,
    });
    performance.now = () => (this.#now += this.#lookMs);
    Date.now = () => Math.floor(this.#now);
    process.hrtime.bigint = () => BigInt(Math.floor(this.#now * 1e6));
    const { watch } = fs;
    setWatch(() => {
      throw new Error("all inotify instances are taken"); // when it would say something is the machine's affair
    });
    return () => {
      Object.assign(globalThis, own);
      Reflect.deleteProperty(performance, "now"); // the prototype has its own
      Date.now = now;
      process.hrtime.bigint = bigint;
      setWatch(watch);
    };
  }

  /** How many timers have not fired. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Whoever had set timers is dead. */
  forget(): void {
    this.#timers.clear();
  }

  /** Lets time pass. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await turn();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#fire(next);
      await turn();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** Lets time pass until this is done; `meanwhile` at each moment at which something happens. @throws what it rejects with */
  async until<T>(promise: Promise<T>, meanwhile: () => Promise<void>): Promise<T> {
    const endless = this.#now + ENDLESS_MS;
    let isDone = false;
    const done = promise.finally(() => (isDone = true));
    done.catch(() => undefined); // it is awaited below
    await meanwhile();
    while (!isDone) {
      const next = this.#next(Infinity);
      if (!next || this.#now > endless) throw new Error("somebody waits, and nothing happens any more");
      this.#fire(next);
      await turn();
      await meanwhile();
    }
    return done;
  }

  #add(call: () => void, ms: number, every?: number): VirtualTimer {
    const timer = new VirtualTimer(this.#now + Math.max(1, ms), every, call);
    this.#timers.add(timer);
    return timer;
  }

  /** The earliest, and of those of the same moment the one that was set first. */
  #next(until: number): VirtualTimer | undefined {
    let next: VirtualTimer | undefined;
    for (const timer of this.#timers) if (timer.at <= until && (!next || timer.at < next.at)) next = timer;
    return next;
  }

  #fire(timer: VirtualTimer): void {
    this.#now = Math.max(this.#now, timer.at);
    this.#timers.delete(timer);
    if (timer.every !== undefined) this.#again(timer, timer.every);
    timer.call();
  }

  /** The same one: who has it may clear it. */
  #again(timer: VirtualTimer, ms: number): void {
    Object.assign(timer, { at: this.#now + ms });
    this.#timers.add(timer);
  }
}

function setWatch(watch: unknown): void {
  Object.assign(fs, { watch });
  syncBuiltinESMExports();
}

/** Whatever was to happen at once has happened. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
