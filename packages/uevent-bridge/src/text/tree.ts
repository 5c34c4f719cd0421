import type { Branch } from "../control/protocol.js";
import { columns } from "./columns.js";
import { numberText } from "./explanation.js";
import { printable } from "./printable.js";

const INDENT = "  ";

/** Devices as a tree, parents first: below another, each by the end of its path. */
export function treeText(devices: readonly Branch[]): string {
  const below = new Map<string | undefined, Branch[]>();
  for (const branch of devices) below.set(branch.parent, [...(below.get(branch.parent) ?? []), branch]);
  const rows = [...rowsBelow(undefined, "", below)].map((row) => row.map(printable));
  return columns(rows)
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

type Below = ReadonlyMap<string | undefined, readonly Branch[]>;

function* rowsBelow(parent: string | undefined, indent: string, below: Below): Generator<string[]> {
  for (const branch of below.get(parent) ?? []) {
    const name = parent === undefined ? branch.devpath : branch.devpath.slice(parent.length + 1);
    yield [`${indent}${name}`, branch.subsystem, ...nodeCells(branch), branch.rule ?? ""];
    yield* rowsBelow(branch.devpath, `${indent}${INDENT}`, below);
  }
}

function nodeCells({ node }: Branch): readonly [path: string, number: string, access: string] {
  return node ? [node.path, numberText(node), node.access] : ["", "", ""];
}
