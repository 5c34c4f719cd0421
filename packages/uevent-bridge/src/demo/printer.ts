import type { Container } from "@uevent-bridge/relay";

import type { Output } from "../command/io.js";
import { painter } from "../text/colour.js";
import { printable } from "../text/printable.js";
import type { Count } from "./census.js";
import { HEADINGS, rowsOf } from "./rows.js";
import type { Row } from "./rows.js";
import type { Evidence, Verdict } from "./verdict.js";

const WIDTHS = [26, 36] as const; // of the first two columns

/** Shows what happens: columns in a terminal, plain lines elsewhere. */
export class Printer {
  readonly #out: Output;
  #shown = 0;

  constructor(out: Output) {
    this.#out = out;
  }

  line(text: string): void {
    void this.#out.write(`${printable(text)}\n`);
  }

  ready(containers: readonly Container[]): void {
    for (const { name, delivery } of containers) {
      this.line(`${name} hears by ${delivery.map(({ channel, choice }) => `${channel} (${choice})`).join(", ")}`);
    }
    if (this.#out.terminal) void this.#out.write(`\n${painter(this.#out)("bold", asColumns(HEADINGS))}\n`);
  }

  /** Prints the events that it has not printed before. */
  step(evidence: Evidence): void {
    const rows = rowsOf(evidence);
    for (const row of rows.slice(this.#shown)) this.line(this.#out.terminal ? asColumns(row) : asLine(row));
    this.#shown = rows.length;
  }

  close(verdict: Verdict, left: Count, commands: readonly string[]): void {
    const { host, told, hidden, medianMs } = verdict;
    this.line("");
    this.line(`${host} events on the host: box was told ${told}, other was told ${host - hidden} (${hidden} hidden)`);
    if (medianMs !== undefined) {
      this.line(`median latency ${medianMs.toFixed(2)} ms from the host's read to the container's read`);
    }
    this.line(`left behind: ${countOf(left)}`);
    if (verdict.problems.length > 0) return;
    this.line("each event that was told is the kernel's own, byte for byte but for SEQNUM");
    this.line("next, with devices of this machine:");
    for (const command of commands) this.line(`  ${command}`);
  }
}

function asColumns([host, box, other]: Row): string {
  return `${host.padEnd(WIDTHS[0])}  ${box.padEnd(WIDTHS[1])}  ${other}`;
}

function asLine([host, box, other]: Row): string {
  return `host: ${host.replace(/ +/g, " ")}; box: ${box}; other: ${other}`;
}

function countOf({ mounts, processes, namespaces, sockets }: Count): string {
  return `${mounts} mounts, ${processes} processes, ${namespaces} namespaces, ${sockets} sockets`;
}
