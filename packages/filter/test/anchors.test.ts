import { parseRule } from "@uevent-bridge/filter";
import { describe, expect, test, vi } from "vitest";

import { compile } from "../src/compile.js";
import { Anchors } from "../src/router/anchors.js";
import type { Anchored } from "../src/router/anchors.js";
import { PathTrie } from "../src/router/path-trie.js";
import { PatternIndex } from "../src/router/pattern-index.js";
import { Slot } from "../src/router/slot.js";

const anchors = () => new Anchors<Anchored>();
const pickerOf = (text: string) => compile(parseRule(text));

/** The name of the term that a rule is indexed by; "path" for its path. */
function chosenIn(among: Anchors<Anchored>, text: string): string {
  const anchor = among.choose(pickerOf(text));
  return "term" in anchor ? anchor.term.name : "path";
}

function add(among: Anchors<Anchored>, text: string): Anchored {
  const picker = pickerOf(text);
  const item = { picker, anchor: among.choose(picker) };
  among.add(item);
  return item;
}

describe("a rule is indexed", () => {
  test.each([
    ["by the kind that fewer devices share", "subsystem=tty,devname=A1", "devname"],
    ["whichever is written first", "devname=A1,subsystem=tty", "devname"],
    ["by a whole value, before one that begins with a wildcard", "devname=*1,driver=ftdi_sio", "driver"],
    ["by a value that begins alike, as by a whole one", "devname=A*,driver=ftdi_sio", "devname"],
    ["by a deep path, before a kind", "/devices/pci0000:00/0000:00:14.0/usb1,subsystem=tty", "path"],
    ["by a deep path, before a kind that few devices share", "/devices/a/b/c,sysname=A1", "path"],
    ["by a rare kind, before a path of a whole class", "/devices/virtual/block,devname=A1", "devname"],
    ["by a rare kind, before a path of any depth", "/devices/pci0000:00/**/net/*,devname=A1", "devname"],
    ["by its path, if all else are as common", "/devices/virtual/block,subsystem=block", "path"],
  ])("%s", (_, text, wanted) => expect(chosenIn(anchors(), text)).toBe(wanted));

  test("by what fewer others are indexed by, and again as before when these have left", () => {
    const among = anchors();
    const rule = "subsystem=tty,devname=A1";
    const others = Array.from({ length: 3 }, (_, n) => add(among, `devname=A1,sysname=a${n}`));
    expect(chosenIn(among, rule)).toBe("subsystem");
    for (const other of others) among.delete(other);
    expect(chosenIn(among, rule)).toBe("devname");
  });

  test("by what fewer patterns are tried for", () => {
    const among = anchors();
    for (const end of ["1", "2", "3"]) add(among, `devname=A*${end}`);
    expect(chosenIn(among, "subsystem=tty,devname=A*")).toBe("subsystem");
  });

  test("by a kind, where many others have its path", () => {
    const among = anchors();
    const path = "/devices/pci0000:00/0000:00:14.0/usb1";
    for (const n of [1, 2]) add(among, `${path},attr:x${n}=*`);
    expect(chosenIn(among, `${path},subsystem=tty`)).toBe("subsystem");
  });
});

test.each([
  ["/devices/a", "/devices/a"],
  ["/devices/a\\*/\\b", "/devices/a*/b"],
  ["/devices/a*", undefined],
  ["/devices/**/a", undefined],
])("the one path that %s names is %s", (text, exact) => {
  expect(pickerOf(text).path?.exact).toBe(exact);
});

test.each(["sda", "sd*", "*a", "sda|sdb", "sd*|*b|nvme0"])(
  "of an item under %s nothing is left when it has gone",
  (values) => {
    const [condition] = compile({ driver: values }).conditions;
    if (!condition) throw new Error("it has none");
    const slot = new Slot<string>(condition.look, condition.key);
    slot.add(condition, "", "one");
    slot.add(condition, "", "two");
    slot.delete(condition, "", "one");
    expect([slot.isEmpty, slot.crowd(condition) >= 1]).toEqual([false, true]);
    slot.delete(condition, "", "two");
    expect([slot.isEmpty, slot.crowd(condition)]).toEqual([true, 0]);
  },
);

test.each(["/devices/a/b", "/devices/a/b*", "/devices/**/b", "/devices/a/**", "/devices/a", "/devices/a/b/c/d"])(
  "of the path %s nothing is gone through any more when it has gone, and what it shared with another stays",
  (text) => {
    const pathOf = (path: string) => pickerOf(path).path!;
    const trie = new PathTrie<string>();
    const found = (): readonly string[] => {
      const all: string[] = [];
      trie.find("/devices/a/b/c", (items) => all.push(...items));
      return all;
    };
    trie.add(pathOf(text), "it");
    trie.add(pathOf("/devices/a/b/c"), "other");
    trie.delete(pathOf(text), "it");
    expect(found()).toEqual(["other"]);
    trie.delete(pathOf("/devices/a/b/c"), "other");
    const looks = vi.spyOn(PatternIndex.prototype, "find");
    expect(found()).toEqual([]);
    expect(looks).toHaveBeenCalledTimes(1); // for the first name
    looks.mockRestore();
  },
);
