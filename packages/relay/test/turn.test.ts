import { expect, test } from "vitest";

import { Turn } from "../src/turn.js";
import { useBusyClock } from "./busy-clock.js";

const clock = useBusyClock();

test("a turn is over when its time is, and the next one begins when others had theirs", async () => {
  const turn = new Turn();
  for (let turns = 0; turns < 2; turns++) {
    const over = [0, 3, 1].map((ms) => ((clock.busyMs += ms), turn.isOver));
    expect(over).toEqual([false, false, true]);
    await new Promise((resolve) => setImmediate(resolve));
  }
});
