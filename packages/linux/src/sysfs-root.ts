import { closeSync, constants, openSync } from "node:fs";

import { O_PATH } from "./flags.js";

/** An open sysfs. */
export interface SysfsRoot {
  /** -1 when it is closed. */
  readonly fd: number;
  close(): void;
}

/** A sysfs that is mounted somewhere, opened when it is first asked for; also again after `close()`. */
export class MountedSysfs implements SysfsRoot {
  readonly #path: string;
  #fd = -1;

  constructor(path: string) {
    this.#path = path;
  }

  get fd(): number {
    if (this.#fd < 0) this.#fd = openSync(this.#path, O_PATH | constants.O_DIRECTORY);
    return this.#fd;
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** A sysfs that exists as long as its descriptor. */
export class DetachedSysfs implements SysfsRoot {
  #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  get fd(): number {
    return this.#fd;
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}
