import { asBridgeError } from "./errors.js";

/** Does each of these, whatever the others throw; then throws what was thrown first. */
export function doAll(...steps: readonly (() => void)[]): void {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw asBridgeError(errors[0]);
}
