// Paths of cgroups are latin1 strings, one character for one byte: who makes one chooses its name, which need not be UTF-8.

/** A path of latin1 as the system is asked for it. */
export function bytesOf(path: string): Buffer {
  return Buffer.from(path, "latin1");
}

/** A path of latin1 as it is said. */
export function textOf(path: string): string {
  return bytesOf(path).toString();
}

/** The path of latin1 that somebody has given. */
export function pathOf(text: string): string {
  return Buffer.from(text).toString("latin1");
}
