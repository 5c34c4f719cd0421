import { open } from "node:fs/promises";

const TABLE_MAX = 1_048_576; // bytes of a list of mounts: a container makes it as long as it likes

/** A line of /proc/PID/mountinfo. */
interface Line {
  /** MAJOR:MINOR of its file system. */
  readonly number: string;
  /** latin1 */
  readonly place: string;
}

/** What is mounted where, as a process sees it: nothing if it has ended. */
export async function mountTable(pid: number): Promise<{ readonly lines: readonly Line[]; readonly isCut: boolean }> {
  const file = await open(`/proc/${pid}/mountinfo`).catch(() => undefined);
  if (!file) return { lines: [], isCut: false };
  try {
    const bytes = Buffer.alloc(TABLE_MAX);
    let length = 0;
    for (let read = -1; read !== 0 && length < TABLE_MAX; length += read) {
      read = (await file.read(bytes, length, TABLE_MAX - length)).bytesRead;
    }
    const lines = linesOf(bytes.toString("latin1", 0, length));
    return { lines, isCut: length === TABLE_MAX };
  } catch {
    return { lines: [], isCut: false }; // it has ended
  } finally {
    await file.close();
  }
}

/** @param table like /proc/PID/mountinfo, latin1 */
export function linesOf(table: string): readonly Line[] {
  return table.split("\n").map(parseLine);
}

/** `36 35 98:0 /mnt1 /mnt2 rw,noatime …` */
function parseLine(line: string): Line {
  const [, , number = "", , place = ""] = line.split(" ", 5);
  return { number, place: unescaped(place) };
}

/** A path as it is, of one as it is written there: `\040` is a blank. */
export function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
