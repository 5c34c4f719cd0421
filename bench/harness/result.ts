import type { Cost, Costs } from "./rounds.js";
import type { Summary } from "./statistics.js";

/** One line of the table: what a piece of the work costs. */
export interface Row {
  readonly work: string;
  /** Which of the costs the line shows, and its checks compare. */
  readonly by: keyof Cost;
  readonly ours: Costs;
  /** The same work in C, on the same sockets. */
  readonly c?: Costs;
  /** The same work as one would do it without much thought. */
  readonly naive?: Costs;
  readonly checks: readonly Check[];
}

/** What DESIGN asks of a row. */
export interface Check {
  readonly what: string;
  readonly value: number;
  readonly bound: number;
  readonly sense: "at least" | "at most";
}

/** A point of a plot; `series` names its line. */
export interface Point {
  readonly series: string;
  readonly x: number;
  readonly y: number;
}

/** What a way to containers costs. Times in ns. */
export interface Delivered {
  readonly work: string;
  /** So many are told the same. */
  readonly containers: number;
  readonly p50: Summary;
  readonly p99: Summary;
  /** Processor time of the relay for an event, all containers together. */
  readonly cpu: Summary;
}

/** What something takes for each container, and for all of them. */
export interface Amount {
  readonly what: string;
  readonly each: string;
  readonly all: string;
}

export interface Result {
  readonly rows: readonly Row[];
  readonly amounts?: readonly Amount[];
  readonly deliveries?: readonly Delivered[];
  readonly points?: readonly Point[];
}

/** What a scenario needs to know. */
export interface Settings {
  /** True for a smoke test: few rounds, all counts still checked. */
  readonly quick: boolean;
  /** A directory of its own. */
  readonly directory: string;
}

export interface Scenario {
  readonly name: string;
  /** @throws Error a contestant did not do all of its work: its time would say nothing */
  run(settings: Settings): Promise<Result>;
}

export function atLeast(what: string, value: number, bound: number): Check {
  return { what, value, bound, sense: "at least" };
}

export function atMost(what: string, value: number, bound: number): Check {
  return { what, value, bound, sense: "at most" };
}

export function isMet({ value, bound, sense }: Check): boolean {
  return sense === "at least" ? value >= bound : value <= bound;
}

/** How many times what `one` costs is what the other does. */
export function ratio(other: Costs, one: Costs, by: keyof Cost): number {
  return other[by].median / one[by].median;
}

/** @throws Error they differ */
export function assertCount(what: string, got: number, wanted: number): void {
  if (got !== wanted) throw new Error(`${what}: ${got} instead of ${wanted}`);
}
