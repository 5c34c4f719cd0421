const PART_MAX = 200; // characters
const PARTS_MAX = 8;

/** The parts of a name below `/dev`, such as `input/event3`; undefined if it is none. Latin1: a character, a byte. */
export function deviceNameParts(name: string): readonly string[] | undefined {
  const parts = name.split("/");
  return parts.length <= PARTS_MAX && parts.every(isPart) ? parts : undefined;
}

function isPart(part: string): boolean {
  return part !== "" && part !== "." && part !== ".." && part.length <= PART_MAX && Array.from(part).every(isByte);
}

function isByte(character: string): boolean {
  return character > "\0" && character <= "\xff";
}
