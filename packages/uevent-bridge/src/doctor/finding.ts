/** One line of what `doctor` found. */
export interface Finding {
  /** What was looked at, in a word. */
  readonly check: string;
  /** `CHECK.WHAT`: always the same for the same thing. */
  readonly code: string;
  /** `problem` keeps events away; `note` may matter. */
  readonly level: "ok" | "note" | "problem";
  readonly message: string;
  /** What to do about it; for a problem always. */
  readonly remedy?: string;
}

/** `code`: `CHECK.WHAT`. */
export function ok(code: string, message: string): Finding {
  return { check: checkOf(code), code, level: "ok", message };
}

export function note(code: string, message: string, remedy?: string): Finding {
  return { check: checkOf(code), code, level: "note", message, ...(remedy !== undefined && { remedy }) };
}

export function problem(code: string, message: string, remedy: string): Finding {
  return { check: checkOf(code), code, level: "problem", message, remedy };
}

function checkOf(code: string): string {
  return code.split(".", 1)[0] ?? code;
}
