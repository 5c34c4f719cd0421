import type { Branch } from "../control/protocol.js";
import { columns } from "./columns.js";
import { numberText } from "./explanation.js";
import { printable } from "./printable.js";

const INDENT = "  ";

interface Row {
  readonly cells: readonly string[];
  /** What is amiss with it, below it. */
  readonly note: string | undefined;
}

/** Devices as a tree, parents first: below another, each by the end of its path. */
export function treeText(devices: readonly Branch[]): string {
  const below = new Map<string | undefined, Branch[]>();
  for (const branch of devices) below.set(branch.parent, [...(below.get(branch.parent) ?? []), branch]);
  const rows = [...rowsBelow(undefined, "", below)];
  return columns(rows.map(({ cells }) => cells.map(printable)))
    .map((line, i) => `${line.trimEnd()}\n${rows[i]?.note ?? ""}`)
    .join("");
}

type Below = ReadonlyMap<string | undefined, readonly Branch[]>;

function* rowsBelow(parent: string | undefined, indent: string, below: Below): Generator<Row> {
  for (const branch of below.get(parent) ?? []) {
    const { devpath, subsystem, rule = "", problem } = branch;
    const name = parent === undefined ? devpath : devpath.slice(parent.length + 1);
    const note = problem && `${indent}${INDENT}NOT AS IT SHOULD BE: ${printable(problem)}\n`;
    yield { cells: [`${indent}${name}`, subsystem, ...nodeCells(branch), rule], note };
    yield* rowsBelow(devpath, `${indent}${INDENT}`, below);
  }
}

function nodeCells({ node }: Branch): readonly [path: string, number: string, access: string] {
  return node ? [node.path, numberText(node), node.access] : ["", "", ""];
}
