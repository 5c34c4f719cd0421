import { nearest } from "../nearest.js";
import type { Piece } from "../piece.js";
import { presets } from "../presets.js";
import { asString } from "./forms.js";
import type { Term } from "./term.js";

/** A list of rules under a name. Words beside it go onto each of its rules; places and kinds cannot stand beside it. */
export const preset: Term = {
  name: "preset",
  role: "preset",
  form: "value",
  usage: "preset=NAME",
  read: readPreset,
  write: asString,
};

function readPreset(value: Piece): string {
  if (presets.has(value.text)) return value.text;
  const near = nearest(value.text, presets.keys());
  const remedy = near === undefined ? `There are: ${[...presets.keys()].join(", ")}.` : `Did you mean preset=${near}?`;
  throw value.fail(`There is no preset ${value.quoted}`, remedy, "RULE_UNKNOWN_PRESET");
}
