// decode-eagerly FILE: as native/decode.c, in the way that comes to mind first: an object with all pairs of each event.
import { readFileSync } from "node:fs";

import { readDatagrams } from "../harness/datagrams.js";
import { serve } from "../harness/serve.js";

const { slab, starts, ends } = readDatagrams(readFileSync(process.argv[2] ?? ""));
const buffer = Buffer.from(slab.buffer, slab.byteOffset, slab.byteLength);

function parse(start: number, end: number): Record<string, string> {
  const event: Record<string, string> = {};
  for (const pair of buffer.toString("latin1", start, end).split("\0")) {
    const eq = pair.indexOf("=");
    if (eq > 0) event[pair.slice(0, eq)] = pair.slice(eq + 1);
  }
  return event;
}

function letters(): number {
  let sum = 0;
  for (let i = 0; i < starts.length; i++) {
    const { ACTION = "", DEVPATH = "", SUBSYSTEM = "" } = parse(starts[i] ?? 0, ends[i] ?? 0);
    sum += ACTION.length + DEVPATH.length + SUBSYSTEM.length;
  }
  return sum;
}

await serve((passes) => {
  let sum = 0;
  for (let i = 0; i < passes; i++) sum += letters();
  return { count: passes * starts.length, sum };
});
