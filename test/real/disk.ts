import { execFileSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

import { change } from "./loops.js";

const SECTOR = 512; // bytes

/** A loop device with two partitions, backed by a file. Disposing of it takes the file out, and the partitions go. */
export class Disk implements Disposable {
  readonly #devpath: string;

  constructor(devpath: string, image: string) {
    this.#devpath = devpath;
    writeFileSync(image, "");
    truncateSync(image, 4096 * SECTOR);
    execFileSync("losetup", [this.#node, image]);
    for (const part of ["1", "2"]) execFileSync("addpart", [this.#node, part, `${Number(part) * 1024}`, "1024"]);
  }

  /** It and its partitions. */
  get devices(): readonly string[] {
    return [this.#devpath, ...["p1", "p2"].map((part) => `${this.#devpath}/${basename(this.#devpath)}${part}`)];
  }

  /** Sets its attribute `ro`, and has the kernel say that something changed. */
  setReadOnly(isReadOnly: boolean): void {
    execFileSync("blockdev", [isReadOnly ? "--setro" : "--setrw", this.#node]);
    change(this.#devpath);
  }

  [Symbol.dispose](): void {
    execFileSync("losetup", ["--detach", this.#node]);
  }

  get #node(): string {
    return `/dev/${basename(this.#devpath)}`;
  }
}
