import type { Peer, SocketDirectory, SocketEntry } from "@uevent-bridge/kernel";
import { expect, test, vi } from "vitest";

import type { Outlet } from "../src/outlet.js";
import { Share } from "../src/share.js";
import { Subscriptions } from "../src/subscriptions.js";
import { useBusyClock } from "./busy-clock.js";

const clock = useBusyClock();

/** A directory whose entries a test names, and whoever is told because of them. */
function openStage(limit: number, coldplugMs = 0, listed = limit) {
  let entries: readonly string[] = [];
  let change = (): void => {};
  const told = new Set<string>();
  const opened: string[] = [];
  const tried: string[] = [];
  const dead = new Set<string>();
  const warnings: string[] = [];
  const die = new Map<string, () => void>();
  const directory = {
    path: "/run/bridge/box",
    list: () => ({ entries: entries.slice(0, listed).map(entryOf), more: entries.length > listed }),
    connect: (entry: SocketEntry) => {
      tried.push(entry.name);
      return dead.has(entry.name) ? "gone" : ({ entry } as unknown as Peer);
    },
    onChange: (callback: () => void) => (change = callback),
  } as unknown as SocketDirectory;
  const subscriptions = new Subscriptions({
    directory,
    share: new Share(),
    limit,
    open: ({ name }, _peer, onGone) => {
      die.set(name, onGone);
      told.add(name);
      opened.push(name);
      return { name, close: () => told.delete(name) } as unknown as Outlet;
    },
    onClosed: () => {},
    onChanged: () => void (clock.busyMs += coldplugMs),
    onWarning: ({ message }) => warnings.push(message),
  });
  const set = (names: readonly string[]): void => {
    entries = names;
    change();
  };
  return { told, opened, tried, dead, die, warnings, set, subscriptions };
}

const entryOf = (name: string): SocketEntry => ({ name, inode: BigInt(name.length), born: 0n }); // the key is both

test("sockets that are too many take nothing from a listener that is told", () => {
  const { told, set, dead } = openStage(2);
  for (const name of ["dead1.sock", "dead2.sock"]) dead.add(name);
  set(["a.sock"]);
  set(["dead1.sock", "dead2.sock", "a.sock"]);
  expect([...told]).toEqual(["a.sock"]);
  set(["b.sock", "c.sock", "a.sock"]);
  expect([...told]).toEqual(["a.sock", "b.sock"]);
  set(["c.sock"]);
  expect([...told]).toEqual(["c.sock"]);
});

test.each([
  ["told", 10],
  ["listed", 2],
])("that there are more than are %s is said once, and who was none of them is told when there is room", (_, listed) => {
  const { told, set, warnings } = openStage(2, 0, listed);
  set(["a.sock", "b.sock"]);
  expect(warnings).toEqual([]);
  for (let times = 0; times < 2; times++) set(["a.sock", "b.sock", "c.sock"]);
  expect([...told]).toEqual(["a.sock", "b.sock"]);
  expect(warnings).toEqual(["/run/bridge/box has more than 2 sockets; only these are told"]);
  set(["b.sock", "c.sock"]);
  expect([...told]).toEqual(["b.sock", "c.sock"]);
});

test("newcomers that take little time are all told at once", () => {
  const { told, set } = openStage(64);
  set(["a.sock", "b.sock", "c.sock"]);
  expect([...told]).toEqual(["a.sock", "b.sock", "c.sock"]);
});

test("of many newcomers the last are told when others had their turn", () => {
  const { told, set } = openStage(64, 10);
  set(Array.from({ length: 64 }, (_, n) => `${n}.sock`));
  expect(told.size).toBe(1);
  vi.advanceTimersByTime(64 * 10 * 6);
  expect(told.size).toBe(64);
});

test("a socket that is bound after it was seen is told, without another change of its directory", () => {
  const { told, set, dead } = openStage(64);
  dead.add("late.sock");
  set(["late.sock"]);
  vi.advanceTimersByTime(300);
  expect([...told]).toEqual([]);
  dead.delete("late.sock");
  vi.advanceTimersByTime(500);
  expect([...told]).toEqual(["late.sock"]);
});

test("what nobody has open is tried five times, and then not any more", () => {
  const { tried, set, dead } = openStage(64);
  dead.add("dead.sock");
  set(["dead.sock"]);
  vi.advanceTimersByTime(5 + 20 + 100 + 500);
  expect([tried.length, vi.getTimerCount()]).toEqual([5, 0]);
  set(["dead.sock", "other.sock"]);
  expect(tried.filter((name) => name === "dead.sock")).toHaveLength(5);
});

test("a change of the directory tries all again, and the next try is as late as if there had been no other", () => {
  const { tried, set, dead } = openStage(64);
  dead.add("dead.sock");
  const tries = (): number => tried.filter((name) => name === "dead.sock").length;
  set(["dead.sock"]);
  vi.advanceTimersByTime(1);
  set(["dead.sock", "other.sock"]);
  vi.advanceTimersByTime(19);
  expect(tries()).toBe(2);
  vi.advanceTimersByTime(1);
  expect(tries()).toBe(3);
});

test("of several that nobody has open yet the one that is due first says when all are tried again", () => {
  const { tried, set, dead } = openStage(64);
  for (const name of ["first.sock", "second.sock"]) dead.add(name);
  const tries = (): unknown =>
    ["first.sock", "second.sock"].map((name) => tried.filter((each) => each === name).length);
  set(["first.sock"]);
  vi.advanceTimersByTime(6);
  set(["first.sock", "second.sock"]);
  expect([tries(), vi.getTimerCount()]).toEqual([[3, 1], 1]);
  vi.advanceTimersByTime(5);
  expect([tries(), vi.getTimerCount()]).toEqual([[4, 2], 1]);
  vi.advanceTimersByTime(20);
  expect(tries()).toEqual([5, 3]);
});

test("who binds a socket where one died is told, also if it has its name and its number", () => {
  const { told, set, die } = openStage(64);
  set(["a.sock"]);
  die.get("a.sock")?.();
  set(["a.sock", "other.sock"]);
  expect([...told]).toEqual(["other.sock"]);
  set([]);
  set(["a.sock"]);
  expect([...told]).toEqual(["a.sock"]);
});

test("each look tells one more, however slow the machine", () => {
  const { told, set } = openStage(64);
  vi.spyOn(performance, "now").mockImplementation(() => Date.now() + (clock.busyMs += 10)); // whoever asks finds that a look took too long
  set(["a.sock", "b.sock"]);
  expect([...told]).toEqual(["a.sock"]);
});

test("one who changes its directory all the time gets a share of the time, and no more", () => {
  const { opened, set } = openStage(64, 10);
  const begin = performance.now();
  for (let n = 0; performance.now() - begin < 10_000; n++) {
    set([`${n}.sock`]);
    vi.advanceTimersByTime(5);
  }
  expect(10 * opened.length).toBeGreaterThan(10_000 / 8); // ms that their coldplugs took
  expect(10 * opened.length).toBeLessThan(10_000 / 4);
});

test("who comes when a directory has had its share of the time is told as soon as it has one again", () => {
  const { told, set } = openStage(64, 100);
  set(["a.sock"]);
  set(["a.sock", "b.sock"]);
  expect([...told]).toEqual(["a.sock"]);
  vi.advanceTimersByTime(1000);
  expect([...told]).toEqual(["a.sock", "b.sock"]);
});

test("after close nobody is told any more", () => {
  const { told, set, subscriptions } = openStage(64, 10);
  set(["a.sock", "b.sock"]);
  subscriptions.close();
  vi.advanceTimersByTime(1000);
  expect([...told]).toEqual([]);
});
