import type { Plan } from "./steps.js";

/** Histories that showed a fault, in the fewest steps that did. */
export const FOUND: readonly (readonly [fault: string, Omit<Plan, "seed">])[] = [
  [
    "one that had gone before its add was read was written down as the one that came after it",
    {
      setup: { lookMs: 0, loses: false, waitingBytes: 8000, receiveBuffer: 12_000 },
      steps: [
        ["listen", 66, 16],
        ["listen", 72, 29],
        ["plug", 73, 6],
        ["again", 2, 38],
        ["change", 89, 25],
        ["unplug", 62, 34],
        ["plug", 13, 21],
        ["change", 80, 4],
        ["synthetic", 32, 10],
        ["silent", 78, 2],
        ["run", 85, 38],
        ["change", 66, 38],
        ["again", 64, 26],
        ["move", 30, 22],
        ["read", 55, 17],
        ["plug", 13, 8],
        ["again", 55, 0],
        ["again", 79, 33],
        ["kill", 35, 0],
      ],
    },
  ],
  [
    "who had not read that a device went had it where its parent moved, for good",
    {
      setup: { lookMs: 0, loses: true, waitingBytes: 100_000, receiveBuffer: 12_000 },
      steps: [
        ["plug", 45, 15],
        ["plug", 25, 24],
        ["plug", 24, 4],
        ["plug", 41, 1],
        ["plug", 20, 39],
        ["plug", 72, 35],
        ["hang", 2, 14],
        ["unplug", 79, 39],
        ["read", 59, 29],
        ["setPolicy", 49, 15],
        ["silent", 26, 11],
        ["run", 83, 19],
        ["unplug", 83, 36],
        ["unplug", 55, 9],
        ["unplug", 22, 7],
        ["release", 45, 38],
        ["move", 22, 39],
        ["kill", 25, 10],
      ],
    },
  ],
  [
    "what could not be read where a device had been was not read where it had come",
    {
      setup: { lookMs: 0.01, loses: true, waitingBytes: 3000, receiveBuffer: 16_777_216 },
      steps: [
        ["plug", 13, 36],
        ["move", 14, 12],
        ["plug", 57, 35],
        ["allow", 12, 33],
        ["change", 59, 36],
        ["move", 2, 12],
      ],
    },
  ],
];
