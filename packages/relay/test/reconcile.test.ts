import fc from "fast-check";
import { expect, test } from "vitest";

import type { Doubt, Step } from "../src/reconcile.js";
import { reconcile } from "../src/reconcile.js";

interface Thing {
  readonly devpath: string;
}

const PATHS = ["/d/a", "/d/a/b", "/d/a/b/c", "/d/ab", "/d/x", "/d/x/y"];

const things = fc.uniqueArray(fc.record({ devpath: fc.constantFrom(...PATHS) }), {
  selector: ({ devpath }) => devpath,
});
const shares = fc.array(
  fc.record({
    isTold: fc.boolean(),
    isWanted: fc.boolean(),
    left: fc.boolean(),
    doubt: fc.constantFrom(undefined, "state", "existence"),
  }),
  {
    minLength: PATHS.length,
    maxLength: PATHS.length,
  },
);

/** Told and wanted share some devices; some of these were told under another path. */
const cases = fc.tuple(things, shares).map(([all, shared]) => {
  const told = new Map<Thing, string>();
  const wanted: Thing[] = [];
  const doubts = new Map<Thing, Doubt>();
  const byPath = [...all].sort((a, b) => a.devpath.length - b.devpath.length);
  byPath.forEach((thing, i) => {
    const share = shared[i];
    if (share?.isTold) told.set(thing, share.left ? thing.devpath.replace("/d/", "/old/") : thing.devpath);
    if (share?.isWanted) wanted.push(thing);
    if (share?.isTold && share.doubt) doubts.set(thing, share.doubt);
  });
  return { told, wanted, doubts };
});

test("the steps make what was told what is wanted, by a history that could have happened", () => {
  fc.assert(
    fc.property(cases, ({ told, wanted, doubts }) => {
      const view = new Map([...told].map(([thing, devpath]) => [devpath, thing]));
      for (const { action, device, devpath } of reconcile(told, wanted, doubts)) {
        const below = [...view.keys()].filter((each) => each.startsWith(`${devpath}/`));
        if (action === "remove")
          expect({ devpath, was: view.has(devpath), below }).toEqual({ devpath, was: true, below: [] });
        else expect({ devpath, was: view.has(devpath) }).toEqual({ devpath, was: action === "change" });
        if (action === "remove") view.delete(devpath);
        else view.set(devpath, device);
      }
      expect(new Set(view.values())).toEqual(new Set(wanted));
      for (const [devpath, thing] of view) expect(thing.devpath).toBe(devpath);
    }),
    { numRuns: 2000 },
  );
});

test("what is true already needs no step", () => {
  const thing = { devpath: "/d/a" };
  expect(reconcile(new Map([[thing, "/d/a"]]), [thing])).toEqual([]);
});

test("parents come before children, children go before parents", () => {
  const [parent, child] = [{ devpath: "/d/a" }, { devpath: "/d/a/b" }];
  const actions = (steps: readonly Step<Thing>[]) => steps.map(({ action, devpath }) => `${action} ${devpath}`);
  expect(actions(reconcile<Thing>(new Map(), [parent, child]))).toEqual(["add /d/a", "add /d/a/b"]);
  const told = new Map([parent, child].map((thing) => [thing, thing.devpath]));
  expect(actions(reconcile(told, []))).toEqual(["remove /d/a/b", "remove /d/a"]);
});
