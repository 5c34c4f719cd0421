// decode FILE: as native/decode.c, by the package.
import { readFileSync } from "node:fs";

import { decode, isMalformed } from "@uevent-bridge/uevent";

import { readDatagrams } from "../harness/datagrams.js";
import { serve } from "../harness/serve.js";

const { slab, starts, ends } = readDatagrams(readFileSync(process.argv[2] ?? ""));

function letters(): number {
  let sum = 0;
  for (let i = 0; i < starts.length; i++) {
    const event = decode(slab, starts[i], ends[i]);
    if (!isMalformed(event)) sum += event.action.length + event.devpath.length + event.subsystem.length;
  }
  return sum;
}

await serve((passes) => {
  let sum = 0;
  for (let i = 0; i < passes; i++) sum += letters();
  return { count: passes * starts.length, sum };
});
