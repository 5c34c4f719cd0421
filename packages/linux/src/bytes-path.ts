// Paths of cgroups are latin1 strings, one character for one byte: who makes one chooses its name, which need not be UTF-8.

/** A path of latin1 as the system is asked for it. */
export function bytesOf(path: string): Buffer {
  return Buffer.from(path, "latin1");
}
