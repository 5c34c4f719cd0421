import { RuleError, type RuleErrorCode } from "./errors.js";

/** A part of a rule that knows where it stands, so that it can say what is wrong with it. */
export class Piece {
  readonly text: string;
  readonly #offset: number | undefined;
  readonly #field: string | undefined;

  private constructor(text: string, offset: number | undefined, field: string | undefined) {
    this.text = text;
    this.#offset = offset;
    this.#field = field;
  }

  static ofText(text: string): Piece {
    return new Piece(text, 0, undefined);
  }

  /** The value of a field of a rule that was given as an object. */
  static ofField(text: string, field: string): Piece {
    return new Piece(text, undefined, field);
  }

  slice(start: number, end = this.text.length): Piece {
    const offset = this.#offset === undefined ? undefined : this.#offset + start;
    return new Piece(this.text.slice(start, end), offset, this.#field);
  }

  /** The error to throw: `message` and `remedy` are sentences, the first without its full stop. */
  fail(message: string, remedy: string, code: RuleErrorCode = "RULE_SYNTAX"): RuleError {
    if (this.#offset === undefined) return new RuleError(code, `${this.#field}: ${message}`, remedy);
    return new RuleError(code, message, remedy, { offset: this.#offset, length: this.text.length });
  }
}
