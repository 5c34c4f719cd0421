// node packages/uevent/bench/decode.mjs [path of the built package]
//
// What it costs to read a datagram of about 300 bytes: recorded ones, in a slab as a source hands them over.
// The ways take turns, so that what else the machine does falls on all of them.

import { readFileSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";

const built = process.argv[2] ? pathToFileURL(process.argv[2]) : new URL("../dist/index.js", import.meta.url);
const { check, decode, toUevent } = await import(built.href);

const SLOT_BYTES = 4096;
const BATCH = 64;
const TURNS = 200;
const BATCHES_EACH_TURN = 60;
const CORPUS = new URL("../../../test/corpus/", import.meta.url);
const RECORD_HEADER_BYTES = 40;
const KERNEL_GROUP = 1;

function recorded() {
  const found = [];
  for (const name of readdirSync(CORPUS).filter((file) => /^(host|guest)-.*\.bin$/.test(file))) {
    const file = readFileSync(new URL(name, CORPUS));
    for (let at = 0; at < file.length;) {
      const start = at + RECORD_HEADER_BYTES;
      const end = start + file.readUInt32LE(at + 4);
      if (file.readUInt32LE(at + 20) === KERNEL_GROUP && end - start >= 270 && end - start <= 330) {
        found.push(file.subarray(start, end));
      }
      at = end;
    }
  }
  return found;
}

function eagerly(slab, start, end) {
  const event = {};
  for (const pair of slab.latin1Slice(start, end).split("\0").slice(1, -1)) {
    const eq = pair.indexOf("=");
    event[pair.slice(0, eq)] = pair.slice(eq + 1);
  }
  return event;
}

const WAYS = {
  "decode: ACTION, DEVPATH, SUBSYSTEM": decode,
  "decode + seqnumStart": (slab, start, end) => decode(slab, start, end).seqnumStart,
  "decode + state": (slab, start, end) => decode(slab, start, end).state,
  "decode + check": (slab, start, end) => check(decode(slab, start, end)) ?? true,
  toUevent: (slab, start, end) => toUevent(slab.subarray(start, end)),
  "eager object": eagerly,
};

const datagrams = recorded();
const slab = Buffer.alloc(BATCH * SLOT_BYTES);
const ends = Array.from({ length: BATCH }, (_, i) => {
  const datagram = datagrams[(i * 3) % datagrams.length];
  return i * SLOT_BYTES + datagram.copy(slab, i * SLOT_BYTES);
});

/** A function of its own for each way, so that none is slowed by the shapes of another. */
function runnerOf(way) {
  const body = `let seen = 0;
    for (let turn = 0; turn < ${BATCHES_EACH_TURN}; turn++)
      for (let i = 0; i < ${BATCH}; i++) if (way(slab, i * ${SLOT_BYTES}, ends[i]) !== undefined) seen++;
    return seen;`;
  // oxlint-disable-next-line typescript/no-implied-eval -- the only way to a function with feedback of its own
  return new Function("way", "slab", "ends", body).bind(undefined, way, slab, ends);
}

const runners = Object.entries(WAYS).map(([name, way]) => ({ name, run: runnerOf(way), ns: [] }));
for (let turn = 0; turn < TURNS; turn++) {
  for (const { name, run, ns } of runners) {
    const start = performance.now();
    if (run() !== BATCH * BATCHES_EACH_TURN) throw new Error(`${name} gave nothing`);
    ns.push(((performance.now() - start) * 1e6) / (BATCH * BATCHES_EACH_TURN));
  }
}

const bytes = ends.reduce((sum, end, i) => sum + end - i * SLOT_BYTES, 0) / BATCH;
console.log(`ns for a datagram of ${bytes.toFixed(0)} bytes, ${TURNS} turns, Node ${process.version}`);
for (const { name, ns } of runners) {
  const sorted = ns.slice(TURNS / 4).sort((a, b) => a - b);
  const [least, median] = [sorted[0], sorted[Math.floor(sorted.length / 2)]];
  console.log(`${name.padEnd(36)} least ${least.toFixed(0).padStart(5)}   median ${median.toFixed(0).padStart(5)}`);
}
