import { RuleError, type RuleErrorCode } from "./errors.js";

const LONGEST_QUOTE = 40; // characters

type Source = { readonly rule: string; readonly offset: number } | { readonly field: string };

/** A part of a rule that knows where it stands, so that it can say what is wrong with it. */
export class Piece {
  readonly text: string;
  readonly #source: Source;

  private constructor(text: string, source: Source) {
    this.text = text;
    this.#source = source;
  }

  /** A rule that was given as a text. */
  static ofText(rule: string): Piece {
    return new Piece(rule, { rule, offset: 0 });
  }

  /** The value of a field of a rule that was given as an object. */
  static ofField(text: string, field: string): Piece {
    return new Piece(text, { field });
  }

  /** For a message: in quotes, its beginning if it is long. */
  get quoted(): string {
    return this.text.length > LONGEST_QUOTE ? `"${this.text.slice(0, LONGEST_QUOTE)}…"` : `"${this.text}"`;
  }

  /** As `String.slice`, but for negative ends. */
  slice(start: number, end = this.text.length): Piece {
    const from = start < 0 ? this.text.length + start : start;
    const source = this.#source;
    const there = "rule" in source ? { rule: source.rule, offset: source.offset + from } : source;
    return new Piece(this.text.slice(from, end), there);
  }

  /** The error to throw. `message` is a sentence without its full stop, `remedy` one with it. */
  fail(message: string, remedy: string, code: RuleErrorCode = "RULE_SYNTAX"): RuleError {
    if ("field" in this.#source) return new RuleError(code, `${this.#source.field}: ${message}`, remedy);
    const { rule, offset } = this.#source;
    return new RuleError(code, message, remedy, { rule, offset, length: this.text.length });
  }
}
