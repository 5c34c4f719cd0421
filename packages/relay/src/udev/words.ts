/** Characters that a name of a file may have, and one underscore for what lay between. */
export function plain(text: string): string {
  const joined = text.trim().replace(/\s+/g, "_");
  return Array.from(joined, (character) =>
    /[\w#+\-.:=@]/.test(character) || isWide(character) ? character : "_",
  ).join("");
}

/** As udev writes any text into a property: `QEMU\x20USB`. */
export function encoded(text: string): string {
  return Array.from(text, (character) =>
    /[\w#+\-.:=@]/.test(character) || isWide(character)
      ? character
      : Array.from(new TextEncoder().encode(character), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
  ).join("");
}

/** UTF-8 of more than a byte is left as it is. */
function isWide(character: string): boolean {
  return character > "\u007f";
}
