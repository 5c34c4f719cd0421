import { formatRule, type Rule } from "@uevent-bridge/filter";

const TERMS = ["path", "usb", "usb serial", "port", "pci", "driver", "subsystem", "devtype", "devname", "devlink"];
const MORE_TERMS = ["sysname", "tag", "attr", "env", "preset"];
const WORDS = ["access", "exclusive", "required", "as", "mode", "owner", "sysfs"];
const ESCAPES = ["\\\\", "\\,", "\\|", "\\*", "\\?", "\\[", "\\]", "\\ ", "\\="];
const PATTERNS = ["*", "?", "[…]", "[!…]", "[a-b]", "|", "/**"];
const ANSWERS = ["allowed", "denied", "no-rule"];

/** How often each part of the grammar took part in a decision, so that no share can fall asleep unseen. */
export class Shares {
  readonly #counts = new Map(
    [...TERMS, ...MORE_TERMS, ...WORDS, ...ESCAPES, ...PATTERNS, ...ANSWERS].map((part) => [part, 0]),
  );
  #decisions = 0;

  /** Decisions of one policy. */
  count(rules: readonly Rule[], answers: readonly string[]): void {
    this.#decisions += answers.length;
    for (const part of new Set(rules.flatMap(partsOf))) this.#add(part, answers.length);
    for (const answer of answers) this.#add(answer, 1);
  }

  table(): string {
    const rows = Array.from(
      this.#counts,
      ([part, count]) => `${part.padEnd(12)}${this.#percent(count).toFixed(1).padStart(6)} %`,
    );
    return [`parts of ${this.#decisions} decisions`, ...rows].join("\n");
  }

  tooRare(): string[] {
    const rare = [...this.#counts].filter(([part, count]) => this.#percent(count) < (ANSWERS.includes(part) ? 20 : 5));
    return rare.map(([part]) => part);
  }

  #add(part: string, count: number): void {
    const before = this.#counts.get(part);
    if (before === undefined) throw new Error(`${part} has no share: add it to the list`);
    this.#counts.set(part, before + count);
  }

  #percent(count: number): number {
    return (100 * count) / this.#decisions;
  }
}

function partsOf(rule: Rule): string[] {
  const text = formatRule(rule);
  const bare = text.replace(/\\./gsu, "");
  const signs = PATTERNS.filter((sign) => SIGNS[sign]?.test(bare));
  const serial = /:.*:/.test(rule.usb ?? "") ? ["usb serial"] : [];
  return [...Object.keys(rule), ...serial, ...signs, ...ESCAPES.filter((escape) => text.includes(escape))];
}

const SIGNS: Readonly<Record<string, RegExp>> = {
  "*": /\*/,
  "?": /\?/,
  "[…]": /\[[^!]/,
  "[!…]": /\[!/,
  "[a-b]": /\[[^\]]-/,
  "|": /\|/,
  "/**": /\/\*\*/,
};
