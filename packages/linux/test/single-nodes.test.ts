import { openSync } from "node:fs";

import { expect, test } from "vitest";

import type { Client } from "../src/dev/hand.js";
import type { Found } from "../src/dev/hand-order.js";
import { SingleNodes } from "../src/dev/single-nodes.js";

const HELD_MS = 400; // less than would have it given up at once
const NODE = { kind: "node", type: "char", major: 1, minor: 5, mode: 0o666, uid: 0, gid: 0 } as const;
const FOUND: Found = { mode: 0o020666, major: 1, minor: 5, inode: 7n };

/** Is held up each time that it looks, for a short time, until nobody has the patience. */
class SlowHand {
  asked = 0;
  #client: Client | undefined;

  workFor(client: Client, work: () => void): void {
    this.#client = client;
    work();
  }

  look(): Found {
    this.asked++;
    const isLeft = (this.#client?.patience ?? 0) > 1;
    this.#client?.slept(HELD_MS);
    if (isLeft) return FOUND; // somebody else's, which is as good
    this.#client?.heldUp(openSync("/dev/null", "r"));
    throw Object.assign(new Error("ETIMEDOUT"), { code: "ETIMEDOUT" });
  }
}

test("who holds up single nodes for a short time again and again is given up too", () => {
  const hand = new SlowHand();
  const note = { get: () => undefined, size: 0 };
  const nodes = new SingleNodes({ path: "/dev", hand, dev: -1, note } as never);
  for (const name of ["a", "b", "c"]) nodes.put(name, NODE);
  const asked = hand.asked;
  for (const name of ["d", "e"]) expect(() => nodes.put(name, NODE)).toThrow("does not answer");
  expect(hand.asked).toBe(asked + 1);
});

test("a node that has its name, but whose other name cannot be taken away, is taken away itself, or stays noted", () => {
  const removed: string[] = [];
  let withstands = false;
  const failing = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const hand = {
    workFor: (_: Client, work: () => void) => work(),
    look: () => undefined,
    make: () => 5n,
    name: () => failing("EPERM"),
    remove: (_: number, name: string) => (withstands ? failing("EPERM") : removed.push(name)),
  };
  const noted = new Map<string, bigint>();
  const note = {
    workshop: ".workshop",
    size: 0,
    get: (name: string) => noted.get(name),
    set: (name: string, inode: bigint) => noted.set(name, inode),
    delete: (name: string) => noted.delete(name),
  };
  const nodes = new SingleNodes({ path: "/dev", hand, dev: -1, note } as never);
  expect(() => nodes.put("a", NODE)).toThrow("EPERM");
  expect([removed, [...noted.keys()]]).toEqual([["a", ".workshop"], []]);
  withstands = true;
  expect(() => nodes.put("b", NODE)).toThrow("EPERM");
  expect([...noted.keys()]).toEqual(["b"]);
});

test("what was left where things are made is taken away when something is to be made there", () => {
  let isTaken = true;
  const removed: [string, bigint][] = [];
  const hand = {
    workFor: (_: Client, work: () => void) => work(),
    look: (_: number, name: string) => (name === ".workshop" && isTaken ? FOUND : undefined),
    make: () => {
      if (isTaken) throw Object.assign(new Error("EEXIST"), { code: "EEXIST" });
      return 5n;
    },
    remove: (_: number, name: string, inode: bigint) => {
      removed.push([name, inode]);
      isTaken = false;
    },
    name: () => {},
  };
  const noted = new Map<string, bigint>();
  const note = {
    workshop: ".workshop",
    size: 0,
    get: (name: string) => noted.get(name),
    set: (name: string, inode: bigint) => noted.set(name, inode),
  };
  new SingleNodes({ path: "/dev", hand, dev: -1, note } as never).put("a", NODE);
  expect([removed, [...noted]]).toEqual([[[".workshop", FOUND.inode]], [["a", 5n]]]);
});

test("what cannot be taken from there has them made under another name", () => {
  const failing = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const hand = {
    workFor: (_: Client, work: () => void) => work(),
    look: (_: number, name: string) => (name === ".full" ? FOUND : undefined),
    make: (_: number, name: string) => (name === ".full" ? failing("EEXIST") : 5n),
    remove: () => failing("ENOTEMPTY"),
    name: () => {},
  };
  const noted = new Map<string, bigint>();
  const note = {
    workshop: ".full",
    moveWorkshop: () => (note.workshop = ".other"),
    size: 0,
    get: (name: string) => noted.get(name),
    set: (name: string, inode: bigint) => noted.set(name, inode),
  };
  new SingleNodes({ path: "/dev", hand, dev: -1, note } as never).put("a", NODE);
  expect([note.workshop, [...noted]]).toEqual([".other", [["a", 5n]]]);
});
