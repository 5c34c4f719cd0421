import assert from "node:assert/strict";
import type { LedgerEntry } from "@uevent-bridge/kernel";
import { Packr } from "msgpackr";
import { parseLedger } from "../../../packages/linux/src/ledger-file.js";
import { ToldBook } from "../../../packages/relay/src/told-book.js";
import { holds } from "../engine/target.js";
import { main } from "../engine/watch.js";

const BOOT = "b";
const GENERATION = 3;
const VERSION = 2; // of the file
const MARK = 32; // bytes of a `struct ledger_mark`
const HEADER = 16;
/** A ledger is mapped with room behind what it says. */
const BEHIND = Buffer.alloc(64, 0xff);
const packr = new Packr({ useRecords: false, variableMapSize: true });

function packed(value: unknown): Uint8Array {
  return Uint8Array.from(packr.pack(value));
}

/** A mapped ledger with these blocks. */
function ledger(blocks: readonly (readonly [kind: number, content: Uint8Array])[]): Uint8Array {
  const parts = blocks.map(([kind, content]) => {
    const block = Buffer.alloc(8 + Math.ceil(content.length / 8) * 8);
    block.writeUInt32LE(kind, 0);
    block.writeUInt32LE(content.length, 4);
    block.set(content, 8);
    return block;
  });
  return withHeader(Buffer.concat(parts));
}

function withHeader(blocks: Uint8Array): Uint8Array {
  const header = Buffer.alloc(HEADER);
  [0x6c646775, GENERATION, HEADER + blocks.length].forEach((word, i) => header.writeUInt32LE(word, 4 * i));
  return Uint8Array.from(Buffer.concat([header, blocks]));
}

function entriesOf(bytes: Uint8Array): readonly LedgerEntry[] | undefined {
  const entries = parseLedger(Buffer.from(bytes), GENERATION, VERSION);
  const longer = Buffer.concat([bytes, BEHIND]);
  if (entries) assert.deepEqual(parseLedger(longer, GENERATION, VERSION), entries, "it reads behind the end");
  holds((entries?.length ?? 0) <= bytes.length / 8, "more entries than there is room for");
  const records = entries?.filter((entry) => entry instanceof Uint8Array) ?? [];
  holds(records.reduce((sum, { length }) => sum + length, 0) <= bytes.length, "more bytes than there are");
  return entries;
}

/** What cannot be read is an error, and the relay then begins anew; what can be says the same once it is summed up. */
function sum(base: Uint8Array, entries: readonly LedgerEntry[]): void {
  let book: ToldBook;
  try {
    book = ToldBook.read({ base, entries }, BOOT);
  } catch {
    return;
  }
  const before = book.outlets.map((outlet) => book.remembered(outlet));
  const again = ToldBook.read({ base: book.encode(), entries: [] }, BOOT);
  assert.deepEqual(
    again.outlets.map((outlet) => again.remembered(outlet)),
    before,
  );
}

const EMPTY = packed({ version: 1, boot: BOOT, devices: [], outlets: [] });
const DEVICE = { devpath: "/devices/a", incarnation: "1", subsystem: "s", state: "MAJOR=7\0", unsure: true };

function marks(): Uint8Array {
  const block = Buffer.alloc(2 * (MARK + 64));
  for (const [i, [seq, note]] of [
    [1, 1],
    [2, -1],
  ].entries()) {
    [2, seq ?? 0, note ?? 0].forEach((value, j) => block.writeDoubleLE(value, i * MARK + j * 8));
    block.writeUInt32LE(100, 2 * MARK + i * 64 + 56);
  }
  return block;
}

main({
  run(bytes) {
    const isBase = bytes[0] === 1;
    const rest = bytes.subarray(1);
    if (isBase) return sum(rest, []);
    const entries = entriesOf(rest) ?? entriesOf(withHeader(rest));
    if (entries) sum(EMPTY, entries);
  },
  seeds: () => {
    const records = [
      ["device", 1, DEVICE],
      ["outlet", 2, "key"],
      ["move", 3, "/devices/a", "/devices/b"],
      ["several", 4, [1, 3]],
      ["told", 2, 4],
      ["readers", 2, [{ inode: 5, drops: 0 }]],
      ["sure", 2, 7, "/devices/a"],
      ["closed", 6],
    ].map((record) => [1, packed(record)] as const);
    const base = packed({
      version: 1,
      boot: BOOT,
      devices: [[1, DEVICE]],
      outlets: [[2, "key", 7, [["/devices/a", 1]], [{ inode: 1, drops: 2 }], [["/devices/a", 1]]]],
    });
    const texts = [
      ledger(records),
      ledger([...records.slice(0, 2), [2, marks()]]),
      ledger(records.slice(0, 5)).subarray(HEADER),
    ];
    return [...texts.map((each) => Uint8Array.of(0, ...each)), Uint8Array.of(1, ...base)];
  },
});
