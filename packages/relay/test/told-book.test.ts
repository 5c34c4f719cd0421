import { pack } from "msgpackr";
import { expect, test } from "vitest";

import { ToldBook, packRecord } from "../src/told-book.js";
import type { BookRecord } from "../src/told-book.js";
import type { ToldDevice } from "../src/state.js";

const [OUTLET, DEVICE, CHILD, SEVERAL, MOVE] = [1, 2, 3, 4, 5];
const P = "/devices/p";
const READERS = [{ inode: 7, drops: 0 }];

const device = (devpath: string, more: Partial<ToldDevice> = {}): ToldDevice => ({
  devpath,
  incarnation: "1",
  subsystem: "misc",
  state: "A=1\0",
  ...more,
});

/** A book in which this was written, about an outlet by the name of a. */
function bookOf(...records: readonly (BookRecord | number)[]): ToldBook {
  const book = new ToldBook("boot");
  book.add(packRecord(["outlet", OUTLET, "a"]));
  for (const each of records)
    book.add(typeof each === "number" ? { outlet: OUTLET, seq: 9, note: each, at: 0 } : packRecord(each));
  return book;
}

const pathsOf = (all: readonly ToldDevice[] = []): readonly string[] => all.map(({ devpath }) => devpath);

test.each<[string, ToldDevice]>([
  ["has no path of a device", device("/dev/p")],
  ["would say more than it is", device(P, { state: "A=1\0SEQNUM=7\0" })],
  ["has a name that no node can have", device(P, { name: "../p" })],
])("a book that says of a device what %s is none, in its sum and behind it", (_, bad) => {
  const record = packRecord(["device", DEVICE, bad]);
  const [empty, sum] = [bookOf(), bookOf(["device", DEVICE, bad], DEVICE)].map((book) => book.encode());
  expect(() => ToldBook.read({ base: empty ?? record, entries: [record] }, "boot")).toThrow("cannot be restored");
  expect(() => ToldBook.read({ base: sum ?? record, entries: [] }, "boot")).toThrow("cannot be restored");
});

test("a book of a later version, or of another boot, says nothing", () => {
  expect(ToldBook.read({ base: pack({ version: 2, boot: "boot" }), entries: [] }, "boot").isEmpty).toBe(true);
  expect(ToldBook.read({ base: pack({ version: 1, boot: "other" }), entries: [] }, "boot").isEmpty).toBe(true);
});

test("a book that says what nobody knows is none", () => {
  const entries = [packRecord(["forgets", OUTLET, DEVICE] as unknown as BookRecord)];
  expect(() => ToldBook.read({ base: bookOf().encode(), entries }, "boot")).toThrow("another version");
});

test("what is written of an outlet that has gone is nobody's", () => {
  const late: BookRecord[] = [
    ["readers", OUTLET, READERS],
    ["told", OUTLET, DEVICE],
  ];
  const book = bookOf(["device", DEVICE, device(P)], DEVICE, ["closed", OUTLET], ...late, DEVICE);
  expect([book.isEmpty, book.find("a"), book.remembered(OUTLET)]).toEqual([true, undefined, undefined]);
});

test("who takes something as told may not have read that, and has nothing else", () => {
  const book = bookOf(
    ["device", DEVICE, device(P)],
    ["device", CHILD, device(`${P}/c`)],
    DEVICE,
    ["readers", OUTLET, READERS],
    ["several", SEVERAL, [CHILD]],
    ["told", OUTLET, SEVERAL],
  );
  const { told, unread } = book.remembered(OUTLET) ?? {};
  expect([told, unread].map(pathsOf)).toEqual([[`${P}/c`], [`${P}/c`]]);
});

test("who has caught up has read all that was told before", () => {
  const records = [["device", DEVICE, device(P)], ["readers", OUTLET, READERS], DEVICE] as const;
  const [before, after] = [bookOf(...records), bookOf(...records, ["readers", OUTLET, READERS])];
  expect([before, after].map((book) => pathsOf(book.remembered(OUTLET)?.unread))).toEqual([[P], []]);
  expect(pathsOf(after.remembered(OUTLET)?.told)).toEqual([P]);
});

test("of what one outlet is sure by now, another may not be", () => {
  const other = 6;
  const book = bookOf(["device", DEVICE, device(P, { unsure: true, doubted: true })], DEVICE, ["outlet", other, "b"]);
  book.add({ outlet: other, seq: 1, note: DEVICE, at: 0 });
  for (const record of [
    ["sure", OUTLET, 7, P],
    ["sure", OUTLET, 8, "/devices/q"],
    ["sure", 9, 10, P],
  ] as const)
    book.add(packRecord(record));
  const again = ToldBook.read({ base: book.encode(), entries: [] }, "boot");
  const told = [OUTLET, other].map((outlet) => again.remembered(outlet)?.told);
  expect(told).toEqual([[device(P, { doubted: true })], [device(P, { unsure: true, doubted: true })]]);
});

test("where something moved, nothing may be left there, and what had gone below it may be there now", () => {
  const book = bookOf(
    ["device", DEVICE, device(P)],
    ["device", CHILD, device(`${P}/c`)],
    DEVICE,
    CHILD,
    ["readers", OUTLET, READERS],
    -CHILD,
    ["move", MOVE, P, "/devices/q"],
    MOVE,
  );
  const again = ToldBook.read({ base: book.encode(), entries: [] }, "boot");
  for (const { told, unread } of [book, again].flatMap((each) => each.remembered(OUTLET) ?? []))
    expect([pathsOf(told), pathsOf(unread).toSorted()]).toEqual([[], [P, `${P}/c`, "/devices/q/c"]]);
});

test("once it is summed up, the number of what a note meant may be that of something else", () => {
  const book = bookOf(["device", DEVICE, device(P)], ["move", MOVE, P, "/devices/q"], MOVE);
  book.encode();
  for (const record of [
    ["device", DEVICE, device(P)],
    ["several", MOVE, [DEVICE]],
  ] as const)
    book.add(packRecord(record));
  book.add({ outlet: OUTLET, seq: 9, note: MOVE, at: 0 });
  expect(pathsOf(book.remembered(OUTLET)?.told)).toEqual([P]);
});
