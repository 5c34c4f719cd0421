import { describe, expect, test } from "vitest";

import { Devices } from "../src/devices.js";
import type { Said } from "./support/corpus.js";
import { uevent } from "./support/corpus.js";

type Step = Said | "hello" | "gap" | "synced";

const at = (action: string, devpath: string): Said => ({ action, devpath: `/devices/${devpath}` });
const add = (devpath: string) => at("add", devpath);
const remove = (devpath: string) => at("remove", devpath);
const move = (from: string, to: string): Said => ({ ...at("move", to), env: { DEVPATH_OLD: `/devices/${from}` } });

/** The last resync, and the names of the devices at the end. */
function after(steps: readonly Step[]) {
  const devices = new Devices();
  let change: ReturnType<Devices["synced"]>;
  for (const step of steps) {
    if (step === "synced") change = devices.synced();
    else if (typeof step === "string") devices[step]();
    else devices.apply(uevent(step));
  }
  return { names: [...devices.view.keys()].map(name).join(" "), change, devices };
}

const name = (devpath: string) => devpath.replace("/devices/", "");

describe("what exists after", () => {
  test.each<[string, readonly Step[], string]>([
    ["add", [add("a"), add("a/b")], "a a/b"],
    ["remove", [add("a"), add("b"), remove("a")], "b"],
    ["remove of one that was never told", [add("a"), remove("b")], "a"],
    ["remove takes those below it", [add("a"), add("a/b"), add("ab"), remove("a")], "ab"],
    [
      "bind, unbind, online, offline, change",
      ["bind", "unbind", "online", "offline", "change"].map((x) => at(x, "a")),
      "a",
    ],
    ["an action of a later kernel", [at("polish", "a")], "a"],
    ["move takes those below along", [add("a"), add("a/b"), add("ab"), move("a", "c")], "ab c c/b"],
    ["move to below itself", [add("a"), add("a/b"), move("a", "a/c")], "a/c a/c/b"],
    ["move to where it was", [add("a"), add("a/b"), move("a", "a")], "a a/b"],
    ["move of one that was never told", [move("a", "c")], "c"],
    ["a move that does not say from where", [add("a"), at("move", "c")], "a c"],
    ["a gap: nothing is made up", [add("a"), "gap"], "a"],
    ["a hello: what was there stays until the relay is through", [add("a"), "hello", add("b")], "a b"],
    ["a hello and its end: only what was told again", [add("a"), add("b"), "hello", add("b"), "synced"], "b"],
    ["a hello, something that goes, and its end", [add("a"), "hello", add("a"), remove("a"), "synced"], ""],
    [
      "a hello, a move, and its end",
      [add("a"), add("a/b"), "hello", add("a"), move("a", "c"), add("c/b"), "synced"],
      "c c/b",
    ],
    [
      "the same, if those below are not there any more",
      [add("a"), add("a/b"), "hello", add("a"), move("a", "c"), "synced"],
      "c",
    ],
    ["two hellos", [add("a"), "hello", add("b"), "hello", add("c"), "synced"], "c"],
    ["a gap and its end: what was not told again stays", [add("a"), "gap", add("b"), "synced"], "a b"],
    ["a synced without a reason", [add("a"), "synced"], "a"],
  ])("%s", (_, steps, names) => {
    expect(after(steps).names).toBe(names);
  });
});

describe("the difference at a resync, after", () => {
  test.each<[string, readonly Step[], string[] | undefined, string[] | undefined]>([
    ["the first hello", ["hello", add("a"), add("b"), "synced"], ["a", "b"], []],
    ["a hello of a relay that has nothing", ["hello", "synced"], [], []],
    ["another hello", [add("a"), add("b"), "hello", add("b"), add("c"), "synced"], ["c"], ["a"]],
    ["two hellos: since before the first", [add("a"), "hello", add("b"), "hello", add("c"), "synced"], ["c"], ["a"]],
    ["a gap", [add("a"), add("b"), "gap", remove("a"), add("c"), "synced"], ["c"], ["a"]],
    ["one that went and came back", [add("a"), "gap", remove("a"), add("a"), "synced"], [], []],
    ["no hello and no gap", [add("a"), "synced"], undefined, undefined],
  ])("%s", (_, steps, added, removed) => {
    const { change } = after(steps);
    expect(change?.added.map(name)).toEqual(added);
    expect(change?.removed.map(name)).toEqual(removed);
  });
});

test("each device has the last event that was told of it", () => {
  const { devices } = after([add("a"), { ...at("change", "a"), env: { NEWS: "1" } }]);
  expect(devices.view.get("/devices/a")).toMatchObject({ action: "change" });
});
