import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { Ledger, Mark } from "@uevent-bridge/kernel";
import { unpack } from "msgpackr";
import { expect, test, vi } from "vitest";

import type { Account } from "../src/account.js";
import type { News } from "../src/entry.js";
import { Journal } from "../src/journal.js";
import { KnownDevice } from "../src/known-device.js";
import { ToldBook } from "../src/told-book.js";
import type { SaidAs } from "../src/version.js";

const P = "/devices/p";
const Q = "/devices/q";
const SAID: SaidAs = { devpath: P, name: undefined, isDoubted: false };
const newDevice = (devpath = P): KnownDevice => new KnownDevice(devpath, "misc", "A=1\0", "1");

/** A journal that nobody wrote before, and what it writes. What is pushed is sent with the next flush. */
function begin() {
  const ledger: Ledger = new FakeKernel().openLedger("/run/box.told");
  const { sent } = ledger as unknown as { sent: (mark: Mark) => void };
  const sums = vi.spyOn(ledger, "begin");
  const write = vi.spyOn(ledger, "write");
  const pushed: Mark[] = [];
  const flush = (): void => pushed.splice(0).forEach((mark) => sent.call(ledger, mark));
  const journal = new Journal({
    ledger,
    boot: "boot",
    flush,
    position: () => 0,
    onTrouble: () => expect.unreachable(),
  });
  return {
    journal,
    ledger,
    sums,
    flush,
    /** How often a device was written down. */
    devices: () => write.mock.calls.filter(([record]) => (unpack(record) as unknown[])[0] === "device").length,
    push: (account: Account, ...news: readonly (News | undefined)[]) =>
      void pushed.push(...account.marks(news.map((each, i) => ({ seq: i + 1, news: each })))),
    /** The paths that are known to whom this key names. */
    told: (key: string) => {
      const [base = new Uint8Array()] = sums.mock.lastCall ?? [];
      const book = ToldBook.read({ base, entries: ledger.read() ?? [] }, "boot");
      return book.remembered(book.find(key) ?? 0)?.told.map(({ devpath }) => devpath);
    },
  };
}

test.each<[string, Partial<SaidAs>, Partial<KnownDevice>]>([
  ["as the kernel calls it", {}, {}],
  ["by a name of its own", { name: "b/disk" }, {}],
  ["otherwise than it is known", { isDoubted: true }, {}],
  ["while it may be another one", {}, { unsure: true }],
])("a device that is said %s again and again is written down once", (_, said, is) => {
  const { journal, push, devices } = begin();
  const device = Object.assign(newDevice(), is);
  for (const key of ["a", "b"]) {
    const account = journal.open(key);
    const news = () => ({ version: journal.version(device, { ...SAID, ...said }), isGone: false });
    for (let i = 0; i < 3; i++) push(account, news(), news());
  }
  expect(devices()).toBe(1);
});

test.each<[string, Partial<SaidAs>, Partial<KnownDevice>]>([
  ["under another path", { devpath: Q }, {}],
  ["by another name", { name: "b/disk" }, {}],
  ["otherwise than it is known", { isDoubted: true }, {}],
  ["with other properties", {}, { state: "A=2\0" }],
  ["when it is another one", {}, { incarnation: "2" }],
  ["while it may be another one", {}, { unsure: true }],
])("a device that is said %s is written down anew", (_, said, is) => {
  const { journal, push, devices } = begin();
  const [account, device] = [journal.open("a"), newDevice()];
  push(account, { version: journal.version(device, SAID), isGone: false });
  Object.assign(device, is);
  push(account, { version: journal.version(device, { ...SAID, ...said }), isGone: false });
  expect(devices()).toBe(2);
});

test("it is summed up as it is opened", () => {
  expect(begin().sums).toHaveBeenCalledTimes(1);
});

test("there is room for as much as is marked at once", () => {
  const { journal, push, flush, ledger, told } = begin();
  const account = journal.open("a");
  const paths = Array.from({ length: 1000 }, (_, i) => `/devices/d${i}`);
  for (let times = 0; times < 3; times++) {
    const versions = paths.map((devpath) => journal.version(newDevice(devpath), { ...SAID, devpath }));
    push(account, ...versions.map((version) => ({ version, isGone: false })));
    flush();
    expect(ledger.read()).toBeDefined();
  }
  expect(told("a")).toEqual(paths);
});

test("of devices that came and went nothing is kept", () => {
  const { journal, push, flush, sums } = begin();
  const account = journal.open("a");
  for (let i = 0; i < 2000; i++) {
    const version = journal.version(newDevice(), SAID);
    push(account, { version, isGone: false }, { version, isGone: true });
    flush();
  }
  expect(sums.mock.calls.length).toBeGreaterThan(3);
  for (const [base] of sums.mock.calls) expect(base.length).toBeLessThan(512);
});

test("whenever it is summed up it says what was sent, and what was pushed is", () => {
  const { journal, push, flush, sums, told } = begin();
  const accounts = ["a", "b"].map((key) => journal.open(key));
  const device = newDevice();
  let looked = sums.mock.calls.length;
  const version = () => journal.version(device, { ...SAID, devpath: device.devpath });
  const move = (): News => {
    const from = device.devpath;
    device.devpath = from === P ? Q : P;
    return [
      { from, to: device.devpath },
      { version: version(), isGone: false },
    ];
  };
  const say = (news: News | undefined, isThere: boolean): void => {
    for (const account of accounts) push(account, news);
    flush();
    if (sums.mock.calls.length === looked) return;
    looked = sums.mock.calls.length;
    expect(["a", "b"].map(told)).toEqual([1, 2].map(() => (isThere ? [device.devpath] : [])));
  };
  for (let i = 0; i < 2000; i++) {
    say({ version: version(), isGone: false }, true);
    for (let moves = 0; moves < i % 3; moves++) say(move(), true);
    say({ version: version(), isGone: true }, false);
    for (let others = 0; others < i % 5; others++) say(undefined, false);
  }
  expect(looked).toBeGreaterThan(10);
});
