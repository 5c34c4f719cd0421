import { painter } from "../text/colour.js";
import { messageJson, messageText } from "../text/message.js";
import type { Told } from "../text/message.js";
import type { Io } from "./io.js";

export interface PrintOptions {
  /** One object for each line. */
  readonly json?: boolean;
  /** Each property on a line of its own. */
  readonly properties?: boolean;
  /** Who says it, where more than one source speaks. */
  readonly source?: string;
}

/** How a command prints what is told, as it comes. */
export function printTold({ stdout }: Io, { json = false, ...style }: PrintOptions): (told: Told) => Promise<void> {
  const paint = painter(stdout);
  if (json) return (told) => stdout.write(messageJson(told, style.source));
  return (told) => stdout.write(messageText(told, new Date(), { paint, ...style }));
}
