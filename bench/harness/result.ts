import type { Summary } from "./statistics.js";

/** One line of the table: what a piece of the work costs, in ns. */
export interface Row {
  readonly work: string;
  readonly ours: Summary;
  /** The same work in C, on the same sockets. */
  readonly c?: Summary;
  /** The same work as one would do it without much thought. */
  readonly naive?: Summary;
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

export interface Result {
  readonly rows: readonly Row[];
  /** By the name of the plot. */
  readonly points?: Readonly<Record<string, readonly Point[]>>;
}

/** What a scenario needs to know. */
export interface Settings {
  /** True for a smoke test: few rounds, all counts still checked. */
  readonly quick: boolean;
  /** A directory of the run's own. */
  readonly directory: string;
}

export interface Scenario {
  readonly name: string;
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

/** @throws Error if a contestant did not do all of its work: its time would say nothing */
export function assertCount(what: string, got: number, wanted: number): void {
  if (got !== wanted) throw new Error(`${what}: ${got} instead of ${wanted}`);
}
