import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { temporaryDirectory } from "../../../test/real/temporary.js";
import type { Kind } from "./invariant-run.js";
import { OTHER, Run, WEIGHTS, step } from "./invariant-run.js";

const STEPS = 220;
const RUNS = Number(process.env["INVARIANT_RUNS"] ?? 10);
const PATIENCE_MS = Math.max(90_000, RUNS * 500);

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

test(
  "after any history each listener was told exactly what it may see, by a history that could have happened",
  async () => {
    const drawn = new Map<Kind, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: STEPS, maxLength: STEPS, size: "max" }), async (steps) => {
        using directory = temporaryDirectory();
        const run = new Run(directory.path);
        await run.open();
        for (const each of steps) {
          drawn.set(each[0], (drawn.get(each[0]) ?? 0) + 1);
          await run.do(each);
        }
        await run.release();
        await run.rest();
        const wanted = run.model.visible(run.policy);
        expect((await run.box.devices()).map(({ devpath }) => devpath).sort()).toEqual(wanted);
        for (const { history } of [...run.listeners, run.other]) expect(history.faults).toEqual([]);
        expect([...run.other.history.told].sort()).toEqual(run.model.visible(OTHER));
        const entries = [...(run.kernel.udevDirectory("/run/.udev/box")?.keys() ?? [])];
        expect(entries.sort()).toEqual(run.model.entriesOf(wanted));
        for (const { history } of [...run.listeners, ...run.readers]) expect([...history.told].sort()).toEqual(wanted);
        await run.relay.close();
      }),
      {
        numRuns: RUNS,
        seed: Number(process.env["SEED"] ?? Date.now() % 1e9),
        endOnFailure: true,
        interruptAfterTimeLimit: PATIENCE_MS,
        markInterruptAsFailure: true,
      },
    );
    expect([...drawn.keys()].sort()).toEqual(Object.keys(WEIGHTS).sort());
  },
  PATIENCE_MS + 30_000,
);
