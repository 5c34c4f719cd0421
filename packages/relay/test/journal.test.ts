import { KernelError } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { Ledger, Mark } from "@uevent-bridge/kernel";
import { expect, test, vi } from "vitest";

import { Journal } from "../src/journal.js";

const LISTENERS = 64; // at the same time
const RELAYS = 8;
const SUM_BYTES = 32 * 1024;
const kernel = new FakeKernel();

/** The journal of a relay that comes after others, and the longest sum that it has written. */
function openJournal() {
  let [longest, sums] = [0, 0];
  const ledger: Ledger = kernel.openLedger("/run/box.told");
  const begin = ledger.begin.bind(ledger);
  ledger.begin = (base, room) => {
    longest = Math.max(longest, base.length);
    sums++;
    begin(base, room);
  };
  const journal = new Journal({
    ledger,
    boot: "boot",
    flush: () => {},
    position: () => 0,
    onTrouble: () => expect.unreachable(),
  });
  return { journal, ledger, longest: () => longest, sums: () => sums };
}

let number = 0;
const newKey = (): string => `socket 1 ${++number} ${"x".repeat(100)}.sock`;

test("who comes and goes again and again is not remembered", () => {
  const { journal, longest } = openJournal();
  for (let i = 0; i < 5000; i++) journal.open(newKey()).close();
  journal.close(true);
  expect(longest()).toBeLessThan(1024);
});

test("it is summed up when its file is full, and not before", () => {
  const { journal, ledger, sums } = openJournal();
  const write = vi.spyOn(ledger, "write");
  const { room } = ledger;
  for (let i = 0; i < 5000; i++) journal.open(newKey()).close();
  const bytes = write.mock.calls.reduce((sum, [record]) => sum + record.length + 16, 0);
  expect(sums()).toBeLessThanOrEqual(bytes / room + 2);
  journal.close(false);
});

test("who stays is remembered, however many come and go", () => {
  const { journal } = openJournal();
  const key = newKey();
  journal.open(key);
  for (let i = 0; i < 5000; i++) journal.open(newKey()).close();
  kernel.kill();
  expect(openJournal().journal.open(key).before).toBeDefined();
  kernel.kill();
});

test("what was told before goes to the first who has that name, and to nobody else", () => {
  const key = newKey();
  openJournal().journal.open(key);
  kernel.kill();
  const { journal } = openJournal();
  expect([key, key, newKey()].map((each) => journal.open(each).before !== undefined)).toEqual([true, false, false]);
  kernel.kill();
});

test("what cannot be summed up at the end says what it said", () => {
  const { journal, ledger } = openJournal();
  const key = newKey();
  journal.open(key);
  ledger.begin = () => {
    throw new KernelError("PATH_UNUSABLE", "there is no room", "make some");
  };
  journal.close(true);
  expect(openJournal().journal.open(key).before).toBeDefined();
  kernel.kill();
});

test("of who was told by relays that were killed, one after the other, the last are remembered", () => {
  const longest = Array.from({ length: RELAYS }, () => {
    const relay = openJournal();
    for (let i = 0; i < LISTENERS; i++) relay.journal.open(newKey());
    for (let i = 0; i < 400; i++) relay.journal.open(newKey()).close(); // it sums up
    kernel.kill();
    return relay.longest();
  });
  expect(Math.max(...longest)).toBeLessThan(SUM_BYTES);
});

test("there is always room for what is marked, as it is sent", () => {
  const { journal, ledger } = openJournal();
  const account = journal.open(newKey());
  const { sent } = ledger as unknown as { sent: (mark: Mark) => void };
  for (let i = 0; i < 2000; i++) {
    const datagrams = Array.from({ length: 1 + (i % 40) }, () => ({ seq: i, news: undefined }));
    for (const mark of account.marks(datagrams)) sent.call(ledger, mark);
    expect(ledger.read(), `the ${i}th time`).toBeDefined();
  }
  journal.close(false);
});
