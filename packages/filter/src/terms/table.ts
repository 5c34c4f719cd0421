import { nearest } from "../nearest.js";
import { kinds } from "./kinds.js";
import { places } from "./places.js";
import { preset } from "./preset.js";
import type { Term } from "./term.js";
import { words } from "./words.js";

/** All terms, in the order in which `formatRule` writes them. */
export const terms: readonly Term[] = [...places, ...kinds, preset, ...words];

const byName: ReadonlyMap<string, Term> = new Map(terms.map((term) => [term.name, term]));

const ranks: ReadonlyMap<Term, number> = new Map(terms.map((term, rank) => [term, rank]));

/** Its place in the table. */
export function rankOf(term: Term): number {
  return ranks.get(term) ?? terms.length;
}

export function termOf(name: string): Term | undefined {
  return byName.get(name);
}

/** What to write instead of a name that is no term's. */
export function remedyFor(name: string): string {
  const bareValue = terms.find(({ shape }) => shape?.test(name));
  if (bareValue !== undefined) return `Did you mean ${bareValue.name}=${name}?`;
  const bare = name.replace(/\{.*$/s, ""); // ATTR{serial} is udev's way to write attr:serial
  const term = terms.find(({ also }) => also?.includes(bare)) ?? termOf(nearest(bare, byName.keys()) ?? "");
  if (term !== undefined) return `Did you mean ${term.usage}?`;
  return `There are: ${terms.map(({ usage }) => usage).join(", ")}.`;
}
