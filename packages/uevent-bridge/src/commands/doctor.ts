import { Command } from "commander";

import { STATUS } from "../command/error.js";
import type { Io } from "../command/io.js";
import { parsePid } from "../command/numbers.js";
import type { Define } from "../command/run.js";
import { examine } from "../doctor/examine.js";
import type { Finding } from "../doctor/finding.js";
import { asSentence } from "../text/as-sentence.js";
import { painter } from "../text/colour.js";
import type { Colour, Paint } from "../text/colour.js";
import { jsonLine } from "../text/json.js";
import { printable } from "../text/printable.js";

interface Options {
  readonly pid?: number;
  readonly json?: boolean;
}

/** `doctor`: why events would not arrive, each with its remedy. */
export const doctor: Define = (io, exit) =>
  new Command("doctor")
    .description("why events would not arrive, each with its remedy; 1 if something keeps them away")
    .option("--pid <pid>", "a process of a container: may events be said to it?", parsePid)
    .option("--json", "one object for each line")
    .action(async ({ pid, json = false }: Options) => {
      const findings = await examine(pid, io);
      await print(findings, json, io);
      exit(findings.some(({ level }) => level === "problem") ? STATUS.world : STATUS.done);
    });

async function print(findings: readonly Finding[], json: boolean, io: Io): Promise<void> {
  const paint = painter(io.stdout);
  for (const finding of findings) {
    await io.stdout.write(json ? jsonLine({ type: "finding", ...finding }) : textOf(finding, paint));
  }
}

const COLOURS: Readonly<Record<Finding["level"], Colour>> = { ok: "green", note: "yellow", problem: "red" };

function textOf({ check, level, message, remedy }: Finding, paint: Paint): string {
  const line = `${paint(COLOURS[level], level.padEnd(7))}  ${check.padEnd(7)}  ${printable(message)}\n`;
  return remedy === undefined ? line : `${line}${" ".repeat(18)}${printable(asSentence(remedy))}\n`;
}
