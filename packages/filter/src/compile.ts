import { holds, sayUnread, type Condition } from "./condition.js";
import { Unread, type Facts, type OnUnread } from "./facts.js";
import { checkRule, writeRule } from "./format.js";
import { coversPath, parsePath, type PathPattern } from "./path.js";
import { parsePattern } from "./pattern.js";
import { Piece } from "./piece.js";
import type { Rule } from "./rule.js";
import { termOf } from "./terms/table.js";
import type { Look, Term } from "./terms/term.js";

/** What a rule picks by: its places and kinds, without words. */
export interface Picker {
  /** The canonical text: two rules that pick by the same terms have the same. */
  readonly text: string;
  readonly rule: Rule;
  /** True if a term looks into the host's udev database. */
  readonly needsUdev: boolean;
  /** False if the devpath alone decides. */
  readonly dependsOnState: boolean;
  readonly path: PathPattern | undefined;
  readonly conditions: readonly Condition[];
}

/** @throws RuleError if the rule is not valid or has a preset: `expand` comes first */
export function compile(rule: Rule): Picker {
  return compileChecked(checkRule(rule));
}

/** Of a rule that `checkRule` or `parseRule` gave. */
export function compileChecked(rule: Rule): Picker {
  const picking = withoutWords(rule);
  if (rule.preset !== undefined) throw Piece.ofField("", "preset").fail("A preset is no rule", "Give its expand().");
  const conditions = Object.entries(picking).flatMap(([name, value]) => conditionsOf(termOf(name), value));
  return {
    text: writeRule(picking),
    rule: picking,
    conditions,
    path: picking.path === undefined ? undefined : parsePath(Piece.ofField(picking.path, "path")),
    needsUdev: conditions.some(({ look, key }) => look.needsUdev?.(key)),
    dependsOnState: conditions.some(({ look }) => !look.ofPath),
  };
}

/**
 * True if the rule picks this device itself. Attributes that were not read and would decide go to `unread`;
 * meanwhile they count as not matching.
 */
export function picks(picker: Picker, device: Facts, unread?: OnUnread): boolean {
  const open = undecided(picker, device);
  if (unread !== undefined) for (const condition of open ?? []) sayUnread(condition, device, unread);
  return open?.length === 0;
}

/** What a selector is indexed by: a condition of it or its path. */
export type Anchor = Condition | PathPattern;

/**
 * The conditions that only an unread attribute can decide; undefined if another one fails, whatever these say.
 * None is left: the rule picks the device. `known` is the part that is known to hold.
 */
export function undecided(
  { path, conditions }: Picker,
  device: Facts,
  known?: Anchor,
): readonly Condition[] | undefined {
  if (path !== undefined && path !== known && !coversPath(path, device.devpath)) return undefined;
  const open: Condition[] = [];
  for (const condition of conditions) {
    const held = condition === known || holds(condition, device);
    if (held === Unread) open.push(condition);
    else if (!held) return undefined;
  }
  return open;
}

function conditionsOf(term: Term | undefined, value: unknown): Condition[] {
  if (term?.look === undefined) return [];
  const { look } = term;
  if (term.form !== "keyed") return [conditionOf(term, look, "", value as string)]; // as its `read` gave it
  return Object.entries(value as Record<string, string>).map(([key, text]) => conditionOf(term, look, key, text));
}

function conditionOf(term: Term, look: Look, key: string, text: string): Condition {
  const split = look.split?.(text);
  const pattern = split?.pattern ?? parsePattern(Piece.ofField(text, term.name));
  return { term, look, key: split?.key ?? key, pattern };
}

function withoutWords(rule: Rule): Rule {
  const fields = Object.entries(rule).filter(([name]) => termOf(name)?.role !== "word");
  return Object.fromEntries(fields) as Rule; // fields of a Rule
}
