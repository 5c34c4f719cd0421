import { parseArgs } from "node:util";

export interface Options {
  /** A smoke test: few rounds, all counts checked, nothing written to docs. */
  readonly quick: boolean;
  /** Where to write all figures. */
  readonly json: string | undefined;
  /** Names of the scenarios to run; none: all. */
  readonly only: readonly string[];
}

/** @throws TypeError for an option that is not known */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
    },
  });
  return { quick: values.quick, json: values.json, only: values.only };
}
