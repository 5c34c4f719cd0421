import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A line of /proc/PID/mountinfo, as far as it says what is mounted where. */
interface Mount {
  readonly id: string;
  /** MAJOR:MINOR of its file system. */
  readonly device: string;
  /** What of that is mounted. */
  readonly root: string;
  readonly place: string;
}

/** What is mounted in a namespace, as one of its processes has it. */
interface Table {
  readonly pid: string;
  readonly text: string;
}

/** Milliseconds: a relay that closes asks for all of its containers at once. */
const FRESH_MS = 1000;

/** What is mounted in each mount namespace that has a process of which we may know. */
export class MountTables {
  #tables: readonly Table[] = [];
  #readAt = -Infinity;

  /**
   * True if a directory is the root of a mount that is not at its own path: an engine has bound it into a container, which would keep a
   * removed one. Where it was, it is looked again: it may have been taken away since.
   */
  isBound(fd: number): boolean {
    const directory = locate(fd);
    if (!directory) return false;
    const before = this.#readAt;
    const found = this.#fresh().filter(({ text }) => isIn(text, directory));
    if (found.length === 0 || this.#readAt !== before) return found.length > 0;
    const again = found.map(({ pid }) => table(pid));
    if (again.every((text) => text !== "")) return again.some((text) => isIn(text, directory));
    this.#readAt = -Infinity; // others may be in the namespace of one that has ended
    return this.#fresh().some(({ text }) => isIn(text, directory));
  }

  /** What is known is of no use for a file system that is mounted now: it may have the number of one that went. */
  forget(): void {
    this.#readAt = -Infinity;
  }

  #fresh(): readonly Table[] {
    if (performance.now() - this.#readAt < FRESH_MS) return this.#tables;
    this.#tables = mountTables();
    this.#readAt = performance.now();
    return this.#tables;
  }
}

function isIn(text: string, directory: Place): boolean {
  return mountsIn(text).some(
    ({ device, root, place }) => device === directory.device && root === directory.root && place !== directory.place,
  );
}

type Place = Pick<Mount, "device" | "root" | "place">;

/** Where a directory is on its file system, and its path. */
function locate(fd: number): Place | undefined {
  const id = /^mnt_id:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1];
  const mount = mountsIn(table("self")).find((each) => each.id === id);
  const path = escaped(readlinkSync(`/proc/self/fd/${fd}`, "latin1"));
  if (!mount) return undefined;
  const below = mount.place === "/" ? path : path.slice(mount.place.length);
  return { device: mount.device, root: `${mount.root === "/" ? "" : mount.root}${below}`, place: path };
}

/** One for each mount namespace. */
function mountTables(): readonly Table[] {
  const namespaces = new Map<string, Table>();
  for (const pid of readdirSync("/proc")) {
    const namespace = /^\d+$/.test(pid) ? link(`/proc/${pid}/ns/mnt`) : "";
    if (namespace !== "" && !namespaces.get(namespace)?.text) namespaces.set(namespace, { pid, text: table(pid) });
  }
  return [...namespaces.values()];
}

function mountsIn(text: string): readonly Mount[] {
  return text.split("\n").map((line) => {
    const [id = "", , device = "", root = "", place = ""] = line.split(" ", 5);
    return { id, device, root, place };
  });
}

/** As the table writes a path. */
function escaped(path: string): string {
  return path.replace(/[ \t\n\\]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** Empty if the process has ended, or is not ours to see. */
function table(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, "latin1");
  } catch {
    return "";
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
