import { BridgeError } from "@uevent-bridge/relay";
import type { Words } from "@uevent-bridge/relay";

import { parseRule } from "../rules.js";
import { RuleTextError } from "./rules.js";

const PICKS_ALL = "/devices,"; // what stands before words alone, so that they are a rule
const MEANT: ReadonlySet<string> = new Set(["access", "exclusive", "as", "mode", "owner", "sysfs"]);

/** Words of a grant, as they stand in a rule: `access=r,mode=0600`. @throws RuleTextError */
export function parseWords(text: string): Words {
  if (text === "") return {};
  const { path: _, ...words } = parsed(text);
  const other = Object.keys(words).find((name) => !MEANT.has(name));
  if (other === undefined) return words;
  throw new RuleTextError(text, new BridgeError("RULE_SYNTAX", `"${other}" means nothing in a grant`, { remedy: USE }));
}

const USE = "It is of one device, and takes access, as, mode, owner, exclusive and sysfs.";

function parsed(text: string) {
  try {
    return parseRule(PICKS_ALL + text);
  } catch (error) {
    throw error instanceof BridgeError ? new RuleTextError(text, shifted(error)) : error;
  }
}

function shifted(error: BridgeError): BridgeError {
  const { code, message, remedy, at } = error;
  if (!at) return error;
  const offset = Math.max(0, at.offset - PICKS_ALL.length);
  return new BridgeError(code, message, { remedy, at: { offset, length: at.length }, cause: error });
}
