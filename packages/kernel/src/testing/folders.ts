import type { DirectoryOptions } from "../directory.js";
import { KernelError } from "../errors.js";
import { FakeDirectory } from "./directory.js";
import { FakeFolder } from "./folder.js";
import type { World } from "./world.js";

/** The directories of the fake machine. */
export class Folders {
  readonly #world: World;
  readonly #folders = new Map<string, FakeFolder>();
  readonly #files = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  has(path: string): boolean {
    return this.#folders.has(path);
  }

  /** The directory at `path`; made if it is not there. */
  get(path: string): FakeFolder {
    const folder = this.#folders.get(path) ?? new FakeFolder(path, () => this.#world.nextInode());
    this.#folders.set(path, folder);
    return folder;
  }

  /** A file is at `path`. */
  file(path: string): void {
    this.#files.add(path);
  }

  open(path: string, _options: DirectoryOptions): FakeDirectory {
    this.#world.faults.hit("openDirectory");
    if (!path.startsWith("/") || this.#files.has(path)) throw unusable(path, "it is no directory");
    const made = !this.has(path);
    const folder = this.get(path);
    if (folder.held) throw unusable(path, "another relay holds it");
    return new FakeDirectory(this.#world, folder, () => {
      if (made && folder.empty) this.#folders.delete(path);
    });
  }
}

function unusable(path: string, why: string): KernelError {
  return new KernelError("PATH_UNUSABLE", `${path} cannot be used: ${why}`, "choose another directory");
}
