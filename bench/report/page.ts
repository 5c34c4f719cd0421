import { readFileSync } from "node:fs";

import { format } from "prettier";

import type { Machine } from "../harness/machine.js";
import { inTree } from "../harness/places.js";
import type { Amount, Row } from "../harness/result.js";
import { amountsTable, table } from "./table.js";

/** docs/benchmarks.md, as prettier wants it. */
export function page(machine: Machine, rows: readonly Row[], amounts: readonly Amount[]): Promise<string> {
  const { processor, processors, kernel, node, date, load, ueventSockets } = machine;
  const text = `# Benchmarks

<!-- Written by \`npm run bench\`. The words are in bench/report/. -->

Linux ${kernel}, Node ${node}, ${processors} processors (${processor}), ${date}. Load of the machine before the run: ${load}. Other sockets that listen to uevents: ${ueventSockets}.

${table(rows)}

${amounts.length > 0 ? amountsTable(amounts) : ""}

![What routing costs against the number of containers](benchmarks-route.svg)

![How long an event takes to a listener](benchmarks-latency.svg)

${readFileSync(inTree("bench/report/notes.md"), "utf8")}`;
  return format(text, { parser: "markdown", printWidth: 120 });
}
