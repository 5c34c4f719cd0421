import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** A file system, which answers nobody who writes while it is frozen. */
export class Freezable implements Disposable {
  readonly path: string;
  #isFrozen = false;

  /** @param owner of its root */
  constructor(directory: string, owner: number) {
    const image = join(directory, "image");
    this.path = join(directory, "mounted");
    mkdirSync(this.path);
    execFileSync("truncate", ["--size", "16M", image]);
    execFileSync("mkfs.ext4", ["-q", "-F", "-E", `root_owner=${owner}:${owner}`, image]);
    execFileSync("mount", ["-o", "loop", image, this.path]);
  }

  freeze(): void {
    execFileSync("fsfreeze", ["--freeze", this.path]);
    this.#isFrozen = true;
  }

  thaw(): void {
    if (this.#isFrozen) execFileSync("fsfreeze", ["--unfreeze", this.path]);
    this.#isFrozen = false;
  }

  [Symbol.dispose](): void {
    this.thaw();
    execFileSync("umount", ["--lazy", this.path]);
  }
}
