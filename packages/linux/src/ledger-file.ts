import type { LedgerEntry, Sent } from "@uevent-bridge/kernel";

// native/core/ledger.h
const MAGIC = 0x6c646775;
const HEADER = 16;
const BLOCK = 8;
const RECORD = 1;
const SENT = 2;
/** Bytes of a `struct ledger_mark`, by the version of the file. The first had no `at`. */
const MARK_BYTES: Readonly<Record<number, number>> = { 1: 24, 2: 32 };
const MESSAGE = 64; // of a `struct mmsghdr`
const MESSAGE_LENGTH = 56; // where in it is how much of it was sent

/** What a mapped ledger says of its generation; undefined if it is another one's, or spoilt. */
export function parseLedger(bytes: Buffer, generation: number, version: number): readonly LedgerEntry[] | undefined {
  if (bytes.length < HEADER || bytes.readUInt32LE(0) !== MAGIC || bytes.readUInt32LE(4) !== generation)
    return undefined;
  const end = bytes.readUInt32LE(8);
  const mark = MARK_BYTES[version] ?? 0;
  if (end < HEADER || end > bytes.length) return undefined;
  const entries: LedgerEntry[] = [];
  for (let at = HEADER; at < end;) {
    if (at + BLOCK > end) return undefined;
    const [kind, length] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    const start = at + BLOCK;
    at = start + Math.ceil(length / 8) * 8;
    if (at > end) return undefined;
    const content = bytes.subarray(start, start + length);
    if (kind === RECORD) entries.push(content);
    else if (kind === SENT && length % (mark + MESSAGE) === 0) entries.push(...sentOf(content, mark));
    else return undefined;
  }
  return entries;
}

/** Those of a block that were. */
function* sentOf(block: Buffer, mark: number): Generator<Sent> {
  const count = block.length / (mark + MESSAGE);
  for (let i = 0; i < count; i++) {
    if (block.readUInt32LE(count * mark + i * MESSAGE + MESSAGE_LENGTH) === 0) continue;
    const [outlet = 0, seq = 0, note = 0, at = 0] = Array.from({ length: mark / 8 }, (_, j) =>
      block.readDoubleLE(i * mark + j * 8),
    );
    yield { outlet, seq, note, at };
  }
}
