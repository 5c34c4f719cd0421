import { fieldsOf } from "./entry.js";
import { RuleError } from "./errors.js";
import { readFields } from "./fields.js";
import type { Access, Rule, Words } from "./rule.js";
import { termOf } from "./terms/table.js";

/** Who says which words: rules of a policy, or claims of one subscriber. */
export interface Speaker {
  readonly text: string;
  readonly words: Words;
}

/** Words of which a device can have only one value. */
const SINGLE = ["as", "mode", "owner"] as const;

/** The words of a rule. */
export function wordsOf(rule: Rule): Words {
  const said = Object.entries(rule).filter(([name, value]) => value !== undefined && termOf(name)?.role === "word");
  return Object.fromEntries(said) as Words; // fields of a Rule
}

/**
 * The words of a grant, checked as those of a rule are.
 *
 * @throws RuleError RULE_SYNTAX, RULE_UNKNOWN_TERM
 */
export function checkWords(words: Words): Words {
  const entries = readFields(words);
  const other = entries.find(({ term }) => term.role !== "word" || term.name === "required");
  if (other === undefined) return fieldsOf(entries);
  const remedy = "It is of one device, and takes access, as, mode, owner, exclusive and sysfs.";
  throw new RuleError("RULE_SYNTAX", `"${other.term.name}" means nothing in a grant`, remedy);
}

/**
 * What several allow rules say together: access and sysfs are united, exclusive and required hold if one says so.
 * A rule that does not say a word has no opinion on it.
 *
 * @param what the device, for the message
 * @throws RuleError POLICY_CONFLICT if `as`, `mode` or `owner` differ
 */
export function uniteWords(speakers: readonly Speaker[], what: string): Words {
  for (const word of SINGLE) checkAlike(word, speakers, what);
  return leastWords(speakers);
}

/** The same of rules that may contradict each other: the mode that all of them let, and no `as` or `owner` on which they differ. */
export function leastWords(speakers: readonly Speaker[]): Words {
  const access = uniteAccess(speakers.flatMap(({ words }) => words.access ?? []));
  const modes = speakers.flatMap(({ words }) => words.mode ?? []);
  const sysfs = new Set(speakers.flatMap(({ words }) => words.sysfs ?? []));
  return {
    ...(access !== undefined && { access }),
    ...(speakers.some(({ words }) => words.exclusive) && { exclusive: true }),
    ...(speakers.some(({ words }) => words.required) && { required: true }),
    ...theOnly("as", speakers),
    ...(modes.length > 0 && { mode: modes.reduce((all, each) => all & each) }),
    ...theOnly("owner", speakers),
    ...(sysfs.size > 0 && { sysfs: [...sysfs] }),
  };
}

function uniteAccess(said: readonly Access[]): Access | undefined {
  const all = said.join("");
  const letters = Array.from("rwm").filter((letter) => all.includes(letter));
  return letters.length === 0 ? undefined : (letters.join("") as Access); // "m" stands only beside "rw"
}

function theOnly(word: "as" | "owner", speakers: readonly Speaker[]): Words {
  const [first, other] = differing(word, speakers);
  return first && !other ? { [word]: first.words[word] } : {};
}

function checkAlike(word: (typeof SINGLE)[number], speakers: readonly Speaker[], what: string): void {
  const [first, other] = differing(word, speakers);
  if (!first || !other) return;
  const message = `Two allow rules differ on ${word}= of ${what}: "${first.text}" and "${other.text}"`;
  throw new RuleError("POLICY_CONFLICT", message, `Let one of them say ${word}=, or both the same.`);
}

/** The first that says a word, and the first that says another. */
function differing(word: (typeof SINGLE)[number], speakers: readonly Speaker[]): readonly (Speaker | undefined)[] {
  const [first, ...others] = speakers.filter(({ words }) => words[word] !== undefined);
  return [first, others.find(({ words }) => written(word, words) !== written(word, first?.words ?? {}))];
}

function written(word: keyof Words, words: Words): string | undefined {
  return termOf(word)?.write(words[word]);
}
