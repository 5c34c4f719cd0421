import type { DirectoryInside, EntryInside, PlaceInside } from "../inside.js";
import type { Entry, FakeFolder } from "./folder.js";

/** How a container finds a directory; what is not said is as the relay and an engine make it. */
export type MountOptions = Partial<Pick<DirectoryInside, "uid" | "isReadOnly" | "isRemoved">>;

/** What a fake container's programs find in its file system: directories that are bound in, and what is in them. */
export class FakePlaces {
  /** Whose a directory is if nothing else is said: the container's root. */
  readonly #uid: number;
  readonly #mounts = new Map<string, { readonly folder: FakeFolder; readonly options: MountOptions }>();
  #answer = true;

  constructor(uid: number) {
    this.#uid = uid;
  }

  /** A directory of the host is found at a path from now on. */
  mount(path: string, folder: FakeFolder, options: MountOptions = {}): void {
    this.#mounts.set(path, { folder, options });
  }

  /** Its file systems do not answer any more. */
  hang(): void {
    this.#answer = false;
  }

  get answers(): boolean {
    return this.#answer;
  }

  look(path: string): PlaceInside {
    if (!this.#answer) return "unknown";
    const mount = this.#mounts.get(path);
    if (!mount) return this.#entry(path);
    const { folder, options } = mount;
    const entries = [...folder.entries()].map(([name, entry]) => ({ name, kind: kindOf(entry) }));
    const defaults = { uid: this.#uid, isReadOnly: false, isRemoved: false };
    return { ...defaults, ...options, isOurs: folder.path === path, entries, more: false };
  }

  #entry(path: string): PlaceInside {
    const slash = path.lastIndexOf("/");
    const entry = this.#mounts.get(path.slice(0, slash))?.folder.get(path.slice(slash + 1));
    return entry === undefined ? "absent" : "no-directory";
  }
}

function kindOf(entry: Entry): EntryInside["kind"] {
  if (entry === "file") return "other";
  if (typeof entry === "string") return entry;
  if (!entry.reachable) return "dead";
  return entry.denied ? "socket" : "listener";
}
