/** One line of what `doctor` found. */
export interface Finding {
  /** What was looked at, in a few words. */
  readonly check: string;
  /** `problem` keeps events away; `note` may matter. */
  readonly level: "ok" | "note" | "problem";
  readonly message: string;
  /** What to do about it; for a problem always. */
  readonly remedy?: string;
}

/** Looks at one thing. @throws anything: it becomes a problem with the error's remedy */
export type Check = () => Promise<readonly Finding[]>;

export function ok(check: string, message: string): Finding {
  return { check, level: "ok", message };
}

export function note(check: string, message: string, remedy?: string): Finding {
  return { check, level: "note", message, ...(remedy !== undefined && { remedy }) };
}

export function problem(check: string, message: string, remedy: string): Finding {
  return { check, level: "problem", message, remedy };
}
