// What a terminal may take as a command, or show other than it is: controls (C0, DEL, C1), line and
// paragraph separators, bidirectional controls, and halves of surrogate pairs (bytes that were not UTF-8).
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu;

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The text with every character that could steer a terminal written as `\uXXXX`, as JSON writes it. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeCharacter);
}
