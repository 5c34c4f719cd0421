import { setTimeout as sleep } from "node:timers/promises";

import type { Command } from "./commands.js";
import type { Lane } from "./lane.js";
import type { Point } from "./result.js";
import type { Costs } from "./rounds.js";
import { quantile, summarize } from "./statistics.js";
import { Worker } from "./worker.js";

const SETTLE_MS = 20; // until all wait for the first event
const CURVE = 200; // points

interface Round {
  /** From before the kernel was given an event to after a listener had read it, in ns: of each event and each listener. */
  readonly latencies: readonly number[];
  readonly cpu: number;
}

/** A lane in which events come one at a time. It owns the lane. */
export class Paced implements AsyncDisposable {
  readonly lane: Lane;
  readonly #injector: Worker;
  readonly #rounds: Round[] = [];

  /** @param injector puts in one event after the other when it is asked */
  static async start(lane: Lane, injector: Command): Promise<Paced> {
    return new Paced(lane, await Worker.start(injector));
  }

  private constructor(lane: Lane, injector: Worker) {
    this.lane = lane;
    this.#injector = injector;
  }

  /** As a relay is that has run for a while: its code compiled. */
  async warmUp(bursts: number, events: number): Promise<void> {
    for (let i = 0; i < bursts; i++) {
      await this.lane.arena.fill(events);
      await this.lane.relay(events);
    }
  }

  async round(events: number): Promise<void> {
    const relaying = this.lane.relay(events);
    await sleep(SETTLE_MS);
    const said = await this.#injector.ask(events);
    const { relay, receivers } = await relaying;
    const latencies = receivers.flatMap(({ times }) => times.map((time, i) => time - (said.times[i] ?? NaN)));
    this.#rounds.push({ latencies, cpu: (relay.end.cpu - relay.start.cpu) / events });
  }

  /** Of each round. */
  medians(): number[] {
    return this.#rounds.map(({ latencies }) => quantile(latencies, 0.5));
  }

  /** The latency below which this share of all is; `counts`: the numbers of the rounds that count. */
  costs(share: number, counts?: ReadonlySet<number>): Costs {
    const rounds = this.#counted(counts);
    return {
      cpu: summarize(rounds.map(({ cpu }) => cpu)),
      clock: summarize(rounds.map(({ latencies }) => quantile(latencies, share))),
    };
  }

  /** Which share of all datagrams took at most so many µs. */
  curve(series: string, counts: ReadonlySet<number>): Point[] {
    const all = this.#counted(counts)
      .flatMap(({ latencies }) => latencies)
      .sort((a, b) => a - b);
    return Array.from({ length: CURVE + 1 }, (_, i) => {
      const share = i / CURVE;
      return { series, x: (all[Math.round(share * (all.length - 1))] ?? NaN) / 1000, y: share };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#injector[Symbol.asyncDispose]();
    await this.lane[Symbol.asyncDispose]();
  }

  #counted(counts: ReadonlySet<number> | undefined): readonly Round[] {
    return this.#rounds.filter((_, round) => counts?.has(round) ?? true);
  }
}
