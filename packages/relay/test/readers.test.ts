import { expect, test } from "vitest";

import type { Concern } from "../src/concern.js";
import { KnownDevice } from "../src/known-device.js";
import { charge } from "../src/outlets/charge.js";
import { Readers } from "../src/outlets/readers.js";
import { Unread } from "../src/outlets/unread.js";

const PATIENCE_MS = 100;

test("who does not read is waited for so long, and what it loses then is counted when it reads again", () => {
  const readers = new Readers(PATIENCE_MS, []);
  expect(readers.isEmpty).toBe(true);
  const look = (ms: number, rmem: number, drops: number) => readers.look([{ inode: 1, rmem, drops }], ms);
  expect(look(0, 0, 7)).toEqual({ lost: 0, someoneNew: true, allRead: true, fullest: 0 });
  expect(look(50, 500, 9)).toEqual({ lost: 2, someoneNew: false, allRead: false, fullest: 500 });
  expect(look(100, 500, 10)).toMatchObject({ lost: 1, fullest: 500 });
  expect(look(101, 600, 19)).toEqual({ lost: 0, someoneNew: false, allRead: false, fullest: 0 });
  expect(look(200, 400, 19)).toMatchObject({ lost: 9, fullest: 400 });
  expect(readers.losses).toEqual([{ inode: 1, drops: 19 }]);
  expect([readers.isEmpty, readers.look([]), readers.isEmpty]).toMatchObject([false, { allRead: true }, true]);
});

test("one who knows all that was said is nobody new, and what it has lost since counts", () => {
  const readers = new Readers(PATIENCE_MS, [{ inode: 1, drops: 3 }]);
  expect(readers.look([{ inode: 1, rmem: 0, drops: 5 }])).toMatchObject({ lost: 2, someoneNew: false });
  const two = [1, 2].map((inode) => ({ inode, rmem: inode * 100, drops: 5 }));
  expect(readers.look(two)).toEqual({ lost: 0, someoneNew: true, allRead: false, fullest: 200 });
});

test.each([
  [192, 768],
  [193, 1280],
  [300, 1280],
])("of a receive buffer the kernel charges for a datagram of %d bytes %d", (length, charged) => {
  expect(charge(length)).toBe(charged);
});

const device = (devpath: string): KnownDevice => new KnownDevice(devpath, "usb", "", devpath);
const [A, B] = [device("/devices/a"), device("/devices/b")];
const said = (of: KnownDevice, devpath = of.devpath, doubt: Concern["doubt"] = "existence"): Concern => ({
  device: of,
  devpath,
  doubt,
});

test("of each path what was told last is what somebody may not know, and that it is there for as long as it is the same", () => {
  const unread = new Unread();
  for (const each of [said(A), said(B), said(A, A.devpath, "state")]) unread.remember(each);
  expect(unread.takeAll()).toEqual([said(B), said(A)]);
  expect(unread.takeAll()).toEqual([]);
  for (const each of [said(A), said(B, A.devpath, "state")]) unread.remember(each);
  expect(unread.takeAll()).toEqual([said(B, A.devpath, "state")]);
});

test("a move takes along what somebody knows wrongly, and nothing beside", () => {
  const unread = new Unread();
  const [below, beside] = [device("/devices/a/x"), device("/devices/ab")];
  for (const each of [A, below, beside]) unread.remember(said(each));
  unread.follow({ from: "/devices/a", to: "/devices/c", left: [said(A), said(below)] });
  const paths = unread.takeAll().map(({ devpath }) => devpath);
  expect(paths).toEqual(["/devices/ab", "/devices/c", "/devices/c/x", "/devices/a", "/devices/a/x"]);
});

test("who has not read for very long may not know the last 4096 paths", () => {
  const unread = new Unread();
  for (let i = 0; i <= 4096; i++) unread.remember(said(A, `/devices/${i}`));
  const paths = unread.takeAll().map(({ devpath }) => devpath);
  expect([paths.length, paths[0], paths.at(-1)]).toEqual([4096, "/devices/1", "/devices/4096"]);
});
