import { KernelError } from "../errors.js";
import type { UdevDirectory, UdevEntry } from "../udev-directory.js";

/** The udev directories of the fake machine. */
export class FakeUdevDirectories {
  readonly #open = new Map<string, FakeUdevDirectory>();

  /** What is in one now, by id; undefined if it is not there. */
  get(path: string): ReadonlyMap<string, UdevEntry> | undefined {
    return this.#open.get(path)?.entries;
  }

  open(path: string): UdevDirectory {
    if (this.#open.has(path)) {
      const message = `the directory ${path} cannot be used: another relay holds it`;
      throw new KernelError("PATH_UNUSABLE", message, "choose another directory");
    }
    const directory = new FakeUdevDirectory(path, () => this.#open.delete(path));
    this.#open.set(path, directory);
    return directory;
  }
}

class FakeUdevDirectory implements UdevDirectory {
  readonly path: string;
  readonly entries = new Map<string, UdevEntry>();
  readonly #onClose: () => void;

  constructor(path: string, onClose: () => void) {
    this.path = path;
    this.#onClose = onClose;
  }

  put(id: string, entry: UdevEntry): void {
    this.entries.set(id, entry);
  }

  remove(id: string): void {
    this.entries.delete(id);
  }

  close(): void {
    this.#onClose();
  }
}
