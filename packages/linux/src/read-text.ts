import { closeSync, openSync, readFileSync } from "node:fs";
import type { PathLike } from "node:fs";

/**
 * A whole file, each byte a character. Node's own reading by path leaves the file open where the kernel refuses to say its size.
 * @throws ErrnoException of open or read
 */
export function readText(path: PathLike): string {
  const fd = openSync(path, "r");
  try {
    return readFileSync(fd, "latin1");
  } finally {
    closeSync(fd);
  }
}
