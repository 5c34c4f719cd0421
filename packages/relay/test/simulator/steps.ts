import { randomFrom } from "../../../../test/real/churn/random.js";
import { PLACES, RULES } from "../world.js";

/** How often each kind of step is drawn. */
const WEIGHTS = {
  plug: 30,
  unplug: 8,
  again: 4, // a device goes, and another one comes to its path
  bind: 8,
  change: 8,
  move: 10,
  synthetic: 4,
  silent: 5, // a change of the tree that an overrun hides
  run: 8,
  allow: 3,
  deny: 2,
  forget: 3,
  setPolicy: 2,
  trigger: 1,
  hang: 2, // an attribute is not answered until the next `release`
  release: 5,
  listen: 3,
  die: 2,
  refuse: 1, // a listener may not be sent to any more
  read: 14,
  wait: 3,
  privilege: 0.6, // the relay may not do something, once
  kill: 1.6,
} as const;

export type Kind = keyof typeof WEIGHTS;

/** So that there is something to tell, and somebody to tell it to. */
const FIRST: readonly Kind[] = ["listen", "setPolicy", ...Array.from({ length: 16 }, () => "plug" as const), "listen"];

/** What happens next, with two numbers for whom it happens to; any step may come after any other. */
export type Step = readonly [kind: Kind, a: number, b: number];

export const KINDS = Object.keys(WEIGHTS) as Kind[];

/** What the machine of one history is like. */
export interface Setup {
  /** Milliseconds that pass with each look at the clock. */
  readonly lookMs: number;
  /** Of the relay's limits. */
  readonly waitingBytes: number;
  /** Of the container's readers some lose something now and then; then all are told that again. */
  readonly loses: boolean;
  /** Somebody keeps the relay's own socket for the next one, as systemd does. */
  readonly keeps: boolean;
  /** Of the relay's own socket, in bytes. */
  readonly receiveBuffer: number;
}

export interface Plan {
  readonly seed: number;
  readonly setup: Setup;
  readonly steps: readonly Step[];
}

/** All of a history that is left to chance. In each some kinds of steps are frequent, and some are rare. */
export function plan(seed: number, count: number): Plan {
  const random = randomFrom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const one = <T>(...values: readonly [T, ...T[]]): T => values[below(values.length)] ?? values[0];
  const setup = {
    lookMs: one(0, 0, 0.01, 1),
    loses: one(true, false),
    keeps: one(true, false),
    waitingBytes: one(8000, 8000, 3000, 100_000),
    receiveBuffer: one(16 * 2 ** 20, 16 * 2 ** 20, 12_000),
  };
  const weights = KINDS.map((kind) => WEIGHTS[kind] * one(0.3, 1, 1, 3));
  const sum = weights.reduce((a, b) => a + b, 0);
  const kind = (): Kind => {
    let left = random() * sum;
    return KINDS.find((_, i) => (left -= weights[i] ?? 0) < 0) ?? "run";
  };
  const step = (first?: Kind): Step => [first ?? kind(), below(PLACES.length * 6 + 1), below(RULES.length * 4)];
  return { seed, setup, steps: Array.from({ length: count }, (_, i) => step(FIRST[i])) };
}
