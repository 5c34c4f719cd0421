import { printable } from "./printable.js";

/** One line of JSON, newline included; safe to show on a terminal. */
export function jsonLine(value: unknown): string {
  // JSON.stringify leaves DEL, C1 and the like as they are; escaped they are the same JSON.
  return `${printable(JSON.stringify(value))}\n`;
}
