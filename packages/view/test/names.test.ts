import { expect, test } from "vitest";

import type { Shown } from "../src/index.js";
import { LOOP, open } from "./stage.js";

test("has what every program expects as rules want it, if it is that device, and as ever when they do not", () => {
  const stage = open();
  const number = { type: "char", major: 1, minor: 3 } as const;
  stage.view.show("a", { name: "null", number, mode: 0o600, access: "r" });
  expect(stage.entries.get("null")).toMatchObject({ major: 1, minor: 3, mode: 0o600 });
  expect(stage.view.find("a")).toMatchObject({ name: "null", mode: 0o600, access: "r" });
  expect(stage.done()).toEqual(["grant char 1:3 r", "put null"]);
  stage.view.renumber();
  expect(stage.entries.get("null")).toMatchObject({ mode: 0o600 });
  stage.done();
  stage.view.hide("a");
  expect(stage.done()).toEqual(["grant char 1:3 rw", "put null"]);
  expect(stage.entries.get("null")).toMatchObject({ mode: 0o666 });
});

test("of a device by whose name something else is there has no node, and the right to open it", () => {
  const stage = open();
  stage.view.show("a", { name: "console", number: { type: "char", major: 5, minor: 1 } });
  expect(stage.done()).toEqual(["grant char 5:1 rw"]);
  expect(stage.entries.get("console")).toMatchObject({ major: 1, minor: 3 });
  expect([stage.view.find("a"), stage.view.shows("a")]).toEqual([undefined, true]);
});

test("of two that want a link the one with the higher priority has it, and a node goes before links", () => {
  const stage = open();
  const second: Shown = { name: "loop8", number: { type: "block", major: 7, minor: 8 } };
  stage.view.show("a", LOOP);
  stage.view.show("b", second);
  stage.view.link("a", ["x"], 5);
  stage.view.link("b", ["x", "pts", "loop7"], 10);
  expect(stage.entries.get("x")).toEqual({ kind: "link", target: "loop8" });
  expect(stage.entries.get("pts")).toMatchObject({ kind: "directory" });
  expect(stage.entries.get("loop7")).toMatchObject({ kind: "node" });
  stage.view.link("a", ["x"], 20);
  expect(stage.entries.get("x")).toEqual({ kind: "link", target: "loop7" });
  stage.view.show("a", { ...LOOP, name: "robot" });
  expect(stage.entries.get("x")).toEqual({ kind: "link", target: "robot" });
  stage.view.link("a", ["x"], 10);
  expect(stage.entries.get("x")).toEqual({ kind: "link", target: "robot" }); // of equals the first
  stage.view.link("a", ["x"], -1);
  expect(stage.entries.get("x")).toEqual({ kind: "link", target: "loop8" });
});
