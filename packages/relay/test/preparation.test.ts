import { expect, test } from "vitest";

import { made } from "../src/datagram.js";
import { Budget } from "../src/outlets/budget.js";
import { Preparation } from "../src/outlets/preparation.js";

const P = "/devices/p";
const Q = "/devices/q";

/** Events wait here whose line ends in `late`, until `release`. Lines are `ACTION DEVPATH [PAIR] [late]`. */
function begin({ limit = 100, bytes = 10_000 } = {}) {
  const said: string[] = [];
  const late: (() => void)[] = [];
  const lines = new Map<string, string>();
  const textOf = (all: Uint8Array): string => Buffer.from(all).toString("latin1");
  const budget = new Budget(bytes);
  let used = 0;
  const preparation = new Preparation({
    limit,
    budget: Object.assign(Object.create(budget) as Budget, {
      makeRoom: () => budget.makeRoom(),
      take: (taken: Uint8Array) => (budget.take(taken), (used += taken.length)),
      give: (given: Uint8Array) => (budget.give(given), (used -= given.length)),
    }),
    prepare: (datagram) =>
      lines.get(textOf(datagram.bytes))?.endsWith("late")
        ? new Promise<void>((resolve) => void late.push(resolve))
        : undefined,
    onReady: ({ datagram }) => void said.push(lines.get(textOf(datagram.bytes)) ?? ""),
  });
  return {
    said,
    preparation,
    used: () => used,
    /** How many of them it has taken. */
    add: (...all: readonly string[]): number =>
      all.filter((line) => {
        const [action = "", devpath = "", pair = "A=1"] = line.split(" ");
        const text = `${action}@${devpath}\0ACTION=${action}\0DEVPATH=${devpath}\0SUBSYSTEM=misc\0${pair}\0SEQNUM=`;
        lines.set(text, line);
        return preparation.add(made(Buffer.from(text)), undefined);
      }).length,
    release: async () => {
      for (const resolve of late.splice(0)) resolve();
      for (let turns = 0; turns < 4; turns++) await Promise.resolve();
    },
  };
}

test.each<[string, waits: string, then: string]>([
  ["what happens below it", `add ${P} A=1 late`, `add ${P}/c`],
  ["that it goes", `add ${P} A=1 late`, `remove ${P}`],
  ["that what is above it goes", `add ${P}/c A=1 late`, `remove ${P}`],
  ["that it moves away", `add ${P} A=1 late`, `move ${Q} DEVPATH_OLD=${P}`],
  ["that what is above it moves away", `add ${P}/c A=1 late`, `move ${Q} DEVPATH_OLD=${P}`],
  ["who comes to the path that it has left", `move ${Q} DEVPATH_OLD=${P} late`, `add ${P}`],
  ["what happens where it moved to", `move ${Q} DEVPATH_OLD=${P} late`, `change ${Q}`],
])("behind an event that waits comes %s", async (_, waits, then) => {
  const { add, said, release } = begin();
  add(waits, then, "add /devices/other");
  expect(said).toEqual(["add /devices/other"]);
  await release();
  expect(said.slice(1)).toEqual([waits, then]);
});

test("many that wait one behind the other are said in order, and none is left out", async () => {
  const { add, said, release, preparation } = begin();
  const lines = [1, 2, 3, 4].map((n) => `change ${P} A=${n} late`);
  add(...lines, `remove ${P}`);
  for (let n = 1; n <= lines.length; n++) {
    await release();
    expect(said.slice(0, 4)).toEqual(lines.slice(0, n));
  }
  expect([said.at(-1), preparation.isEmpty]).toEqual([`remove ${P}`, true]);
});

test("what waits takes room until it is said, and what is not taken takes none", async () => {
  const { add, used, release } = begin({ limit: 2 });
  expect(add(`add ${P} A=1 late`)).toBe(1);
  const one = used();
  expect(one).toBeGreaterThan(0);
  expect(add(`add ${Q} A=1 late`, "add /devices/r A=1 late", "add /devices/r")).toBe(1);
  expect(used()).toBe(2 * one);
  await release();
  expect(used()).toBe(0);
  expect(add(`add ${P}`)).toBe(1);
  expect(used()).toBe(0);
});

test("where there is no room for its bytes nothing is taken", () => {
  const { add } = begin({ bytes: 100 });
  expect(add(`add ${P} A=1 late`, `add ${Q} A=1 late`, `add ${P}/c`)).toBe(2);
});
