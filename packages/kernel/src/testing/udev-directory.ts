import { KernelError } from "../errors.js";
import type { UdevDirectory, UdevEntry } from "../udev-directory.js";
import type { Mortal, World } from "./world.js";

/** The udev directories of the fake machine. */
export class FakeUdevDirectories {
  readonly #directories = new Map<string, FakeUdevDirectory>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** What is in one now, by id; undefined if it is not there. */
  get(path: string): ReadonlyMap<string, UdevEntry> | undefined {
    return this.#directories.get(path)?.entries;
  }

  open(path: string): UdevDirectory {
    this.#world.faults.hit("openUdevDirectory");
    const there = this.#directories.get(path);
    if (there && this.#world.opened.has(there)) {
      const message = `the directory ${path} cannot be used: another relay holds it`;
      throw new KernelError("PATH_UNUSABLE", message, "choose another directory");
    }
    const directory = new FakeUdevDirectory(path, this.#world, () => this.#directories.delete(path));
    this.#directories.set(path, directory);
    return directory;
  }
}

class FakeUdevDirectory implements UdevDirectory, Mortal {
  readonly path: string;
  readonly entries = new Map<string, UdevEntry>();
  readonly #world: World;
  readonly #onClose: () => void;

  constructor(path: string, world: World, onClose: () => void) {
    this.path = path;
    this.#world = world;
    this.#onClose = onClose;
    world.opened.add(this);
  }

  put(id: string, entry: UdevEntry): void {
    if (this.#isOpen) this.entries.set(id, entry);
  }

  remove(id: string): void {
    if (this.#isOpen) this.entries.delete(id);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.kill();
    this.#onClose();
  }

  kill(): void {
    this.#world.opened.delete(this);
  }

  get #isOpen(): boolean {
    return this.#world.opened.has(this);
  }
}
