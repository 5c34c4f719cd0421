import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { until } from "../listener.js";
import { firstOf } from "../processes.js";

const ROOT = "/sys/fs/cgroup";
/** Where version 2 is mounted, alone or beside version 1. */
const UNIFIED = existsSync(join(ROOT, "unified")) ? join(ROOT, "unified") : ROOT;

/** A cgroup of the test's own, for an engine that makes none. */
export class OwnCgroup implements AsyncDisposable {
  readonly name = `uevent-bridge-test-${randomUUID()}`;
  readonly path = join(UNIFIED, this.name);

  constructor() {
    mkdirSync(this.path);
  }

  take(pid: number): void {
    writeFileSync(join(this.path, "cgroup.procs"), `${pid}`);
  }

  /** The pid on the host of the first process of the container that an engine has put below it, or 0. */
  get first(): number {
    return firstOf(`/${this.name}/`) ?? 0;
  }

  /** A command that begins in it. */
  wrap(words: readonly string[]): string[] {
    return ["sh", "-c", 'echo $$ >"$0" && exec "$@"', join(this.path, "cgroup.procs"), ...words];
  }

  /** Resolves when nobody in it runs any more, or all do again. */
  async freeze(isFrozen: boolean): Promise<void> {
    writeFileSync(join(this.path, "cgroup.freeze"), isFrozen ? "1" : "0");
    const wanted = `frozen ${isFrozen ? 1 : 0}\n`;
    await until(
      () => readFileSync(join(this.path, "cgroup.events"), "latin1").endsWith(wanted),
      `the cgroup is ${wanted}`,
    );
  }

  /** With what an engine has made in it, and at the same place in other hierarchies. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of ["", ...readdirSync(ROOT)].map((hierarchy) => join(ROOT, hierarchy, this.name)))
      await until(() => isRemoved(path), `nobody is in ${path}`);
  }
}

function isRemoved(path: string): boolean {
  if (!existsSync(path)) return true;
  const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  try {
    for (const { name } of below) rmdirSync(join(path, name));
    rmdirSync(path);
    return true;
  } catch {
    return false; // somebody in it has not ended yet
  }
}
