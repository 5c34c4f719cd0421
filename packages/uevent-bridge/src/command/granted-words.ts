import { checkWords } from "@uevent-bridge/filter";
import { BridgeError } from "@uevent-bridge/relay";
import type { Words } from "@uevent-bridge/relay";

import { withBridgeErrors } from "../bridge-errors.js";
import { parseRule } from "../rules.js";
import { RuleTextError } from "./rules.js";

const PICKS_ALL = "/devices,"; // what stands before words alone, so that they are a rule

/** Words of a grant, as they stand in a rule: `access=r,mode=0600`. @throws RuleTextError */
export function parseWords(text: string): Words {
  if (text === "") return {};
  try {
    const { path: _, ...words } = parseRule(PICKS_ALL + text);
    return withBridgeErrors(() => checkWords(words));
  } catch (error) {
    throw error instanceof BridgeError ? new RuleTextError(text, shifted(error)) : error;
  }
}

/** The same as options of `grant`, each with a blank before it. */
export function optionsOf({ access, as, mode, owner, sysfs = [], exclusive }: Words): string {
  const values = {
    access,
    as: as && quoted(as),
    mode: mode === undefined ? undefined : `0${mode.toString(8)}`,
    owner: owner && `${owner.uid}:${owner.gid}`,
  };
  const said = Object.entries(values).filter(([, value]) => value !== undefined);
  const options = said.map(([word, value]) => ` --${word} ${value}`);
  const written = sysfs.map((attribute) => ` --sysfs ${quoted(`rw:${attribute}`)}`);
  return [...options, ...written, exclusive ? " --exclusive" : ""].join("");
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function shifted(error: BridgeError): BridgeError {
  const { code, message, remedy, at } = error;
  if (!at) return error;
  const offset = Math.max(0, at.offset - PICKS_ALL.length);
  return new BridgeError(code, message, { remedy, at: { offset, length: at.length }, cause: error });
}
