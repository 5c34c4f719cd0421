import assert from "node:assert/strict";
import { BATCH_SIZE } from "@uevent-bridge/kernel";
import type { DeviceId } from "@uevent-bridge/kernel";
import { ANSWER_SIZE, bytesOf as orderBytes, foundIn, sleptIn } from "../../../packages/linux/src/dev/hand-order.js";
import { parseGlimpse } from "../../../packages/linux/src/glimpse.js";
import { parseHeld } from "../../../packages/linux/src/holders/search.js";
import { numbersIn } from "../../../packages/linux/src/inotify.js";
import { Received, memorySize } from "../../../packages/linux/src/received.js";
import { readRecords } from "../../../packages/uevent/src/testing/records.js";
import { bytesOf, holds, text } from "../engine/target.js";
import { main } from "../engine/watch.js";

const EVENT = 16;
const HELD = 8;
const DEVICES: readonly DeviceId[] = [
  { type: "char", major: 1, minor: 3 },
  { type: "block", major: 8, minor: 0 },
];

/** As the kernel queues them: a watch, and a name that is filled up with NULs. */
function inotify(bytes: Uint8Array): void {
  const names = text(bytes).split("\0");
  const queue = Buffer.concat(
    names.map((name, i) => {
      const room = Math.ceil((name.length + 1) / EVENT) * EVENT;
      const event = Buffer.alloc(EVENT + room);
      event.writeInt32LE(i - 1);
      event.writeUInt32LE(room, 12);
      event.write(name, EVENT, "latin1");
      return event;
    }),
  );
  const view = new DataView(queue.buffer, queue.byteOffset, queue.length);
  assert.deepEqual(
    numbersIn(view, queue.length),
    names.map((_, i) => i - 1),
  );
}

/** What another process of ours writes may be cut: it has been given up. */
function held(bytes: Uint8Array): void {
  const { found, more } = parseHeld(Buffer.from(bytes), DEVICES);
  holds(found.length <= bytes.length / HELD, "more is found than was said");
  holds(
    found.every(({ device }) => DEVICES.includes(device)),
    "a device is found that nobody sought",
  );
  holds(more || bytes.length >= HELD, "nothing is all");
}

function received(bytes: Uint8Array): void {
  const memory = new Received(new ArrayBuffer(memorySize(0)));
  memory.bytes.set(bytes.subarray(0, memory.bytes.length));
  const { count, starts, ends, pids, overrun, drained } = memory.batch();
  const words = new Uint32Array(memory.bytes.buffer);
  assert.deepEqual([count, overrun, drained, memory.truncated], [words[0], words[1] === 1, words[2] === 1, words[3]]);
  holds(
    [starts, ends, pids].every((column) => column.length === BATCH_SIZE),
    "a column has another length",
  );
  assert.deepEqual(
    [starts[0], ends[0], pids[0]],
    [words[4], words[4 + BATCH_SIZE], (words[4 + 4 * BATCH_SIZE] ?? 0) | 0],
  );
}

function answers(bytes: Uint8Array): void {
  const answer = Buffer.alloc(ANSWER_SIZE);
  answer.set(bytes.subarray(0, ANSWER_SIZE));
  const { mode, inode } = foundIn(answer);
  holds(mode === answer.readUInt32LE(4) && inode >= 0n && sleptIn(answer) >= 0, "an answer says less than nothing");
  const glimpse = parseGlimpse(answer, 0);
  holds((glimpse === undefined) === answer.readInt32LE(0) < 0, "an error is taken for an answer");
}

/** A NUL ends the path for C; the text has its length. */
function order(bytes: Uint8Array): void {
  const [path = "", said = ""] = text(bytes).split("\0", 2);
  const make = (): Buffer => orderBytes("write", { path, text: said, like: { mode: 0o644 } });
  if (path.length > 2047 || said.length > 65535) return assert.throws(make, /ENAMETOOLONG/);
  const made = make();
  const end = 40 + 2048;
  assert.equal(made.length, end + said.length + 1);
  assert.equal(made.toString("latin1", 40, made.indexOf(0, 40)), path);
  assert.equal(made.toString("latin1", end, end + made.readUInt32LE(28)), said);
  holds(made.at(-1) === 0 && made[end - 1] === 0, "a text does not end");
}

function recording(bytes: Uint8Array): void {
  try {
    const records = readRecords(bytes);
    assert.equal(
      records.reduce((sum, each) => sum + 40 + each.bytes.length, 0),
      bytes.length,
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

const KINDS = [inotify, held, received, answers, order, recording];

main({
  run(bytes) {
    KINDS[(bytes[0] ?? 0) % KINDS.length]?.(bytes.subarray(1));
  },
  seeds: () => [
    bytesOf("\0a\0name-of-sixteen-x\0"),
    bytesOf("\x01\x07\0\0\0\x01\0\x01\0\x08\0\0\0\0\0\x02\0\x01\0\0\0\0\0\0\0"),
    Uint8Array.of(2, ...new Uint8Array(64).fill(1)),
    bytesOf("\x03\xff\xff\xff\xff\xed\x41"),
    bytesOf("\x04bus/usb/001\0/dev/x"),
    ...[2046, 2047, 2048].map((length) => bytesOf(`\x04${"x".repeat(length)}\0y`)),
    bytesOf(`\x05UEV1\x02${"\0".repeat(35)}ab`),
  ],
});
