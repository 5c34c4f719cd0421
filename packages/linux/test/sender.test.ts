import type { Peer } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { afterEach, beforeEach, expect, test } from "vitest";

import { Folder } from "./world/directory.js";
import type { BoundListener } from "./world/directory.js";

interface Line {
  readonly peer: Peer;
  readonly listener: BoundListener;
}

let folder: Folder;
let lines: Line[];
const kernel = openLinux();

beforeEach(() => {
  folder = new Folder();
  folder.make();
  const directory = kernel.openDirectory(folder.path, folder);
  lines = ["a", "b"].map((name) => {
    const listener = folder.bind(`${name}.sock`);
    const peer = directory.connect({ name: `${name}.sock`, inode: listener.inode });
    if (typeof peer === "string") throw new Error(peer);
    return { peer, listener };
  });
  directory.close();
});

afterEach(() => {
  for (const { peer } of lines) peer.close();
  folder.close();
});

test("each of two full peers is told of its own room alone", async () => {
  const [a, b] = lines as [Line, Line];
  fill(a.peer);
  fill(b.peer);
  const writable: string[] = [];
  a.peer.onceWritable(() => writable.push("a"));
  b.peer.onceWritable(() => writable.push("b"));
  readAll(b.listener);
  await expect.poll(() => writable).not.toEqual([]);
  await pause();
  expect(writable).toEqual(["b"]);
  readAll(a.listener);
  await expect.poll(() => writable).toEqual(["b", "a"]);
});

test("a peer whose listener ends while it is full is told too: sending finds it gone", async () => {
  const [a] = lines as [Line];
  fill(a.peer);
  const writable = new Promise<void>((resolve) => a.peer.onceWritable(resolve));
  a.listener.close();
  await writable;
  expect(send(a.peer, ["x"])).toEqual(["gone x"]);
});

test("a line longer than its memory is sent in parts, and what was refused is not overtaken", () => {
  const [a, b] = lines as [Line, Line];
  const room = fill(b.peer);
  readAll(b.listener);
  const sender = kernel.openSender();
  const bytes = Buffer.from("n=");
  const count = 20_000; // entries: more than a line holds
  for (let n = 0; n < count; n++) {
    sender.stage(bytes, 0, bytes.length);
    sender.push(a.peer, n);
    if (n % 3000 === 0) a.listener.read(); // room in the middle must stay empty
  }
  sender.push(b.peer);
  const unsent = sender.flush();
  expect(unsent).toHaveLength(count - room);
  expect(unsent.map((one) => text(one.bytes))).toEqual(
    Array.from({ length: count - room }, (_, i) => `n=${room + i}\0`),
  );
  expect(readAll(b.listener)).toEqual(["n="]);
});

test("datagrams of many megabytes in all go through one line", () => {
  const [a] = lines as [Line];
  const sender = kernel.openSender();
  const big = new Uint8Array(100_000).fill(120);
  const count = 100;
  for (let n = 0; n < count; n++) {
    sender.stage(big, 0, big.length);
    sender.push(a.peer, n);
  }
  const unsent = sender.flush();
  expect(unsent.every(({ bytes, outcome }) => outcome === "full" && bytes.length > big.length)).toBe(true);
  const [first = ""] = readAll(a.listener); // the reader's memory is what cuts it
  expect(first.length).toBe(65_536);
});

test("what another sender has in line for a peer goes first", () => {
  const [a] = lines as [Line];
  const [one, two] = [kernel.openSender(), kernel.openSender()];
  const push = (sender: typeof one, word: string): void => {
    sender.stage(Buffer.from(word), 0, word.length);
    sender.push(a.peer);
  };
  push(one, "1");
  push(two, "2");
  push(one, "3");
  two.flush();
  one.flush();
  expect(readAll(a.listener)).toEqual(["1", "2", "3"]);
});

test("what a staged datagram was pushed with before is not sent again after a flush", () => {
  const [a, b] = lines as [Line, Line];
  const sender = kernel.openSender();
  sender.stage(Buffer.from("n="), 0, 2);
  sender.push(a.peer, 123456789);
  sender.flush();
  sender.push(b.peer);
  sender.flush();
  expect([readAll(a.listener), readAll(b.listener)]).toEqual([["n=123456789\0"], ["n="]]);
});

test("a closed peer is gone", () => {
  const [a] = lines as [Line];
  a.peer.close();
  a.peer.close();
  a.peer.onceWritable(() => expect.unreachable());
  expect(send(a.peer, ["x", "y"])).toEqual(["gone x", "gone y"]);
});

function send(peer: Peer, words: readonly string[]): string[] {
  const sender = kernel.openSender();
  for (const word of words) {
    sender.stage(Buffer.from(word), 0, word.length);
    sender.push(peer);
  }
  return sender.flush().map(({ outcome, bytes }) => `${outcome} ${text(bytes)}`);
}

/** Returns how many datagrams it took. */
function fill(peer: Peer): number {
  let taken = 0;
  while (send(peer, ["fill"]).length === 0) taken++;
  return taken;
}

function readAll(listener: BoundListener): string[] {
  const all: string[] = [];
  for (let bytes = listener.read(); bytes; bytes = listener.read()) {
    all.push(text(bytes));
  }
  return all;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30));
}
