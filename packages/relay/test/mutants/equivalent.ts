/** Mutants that nobody can notice, by their names, and why. */
export const EQUIVALENT: Readonly<Record<string, string>> = {};
