import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Mount } from "@uevent-bridge/relay";

import { mapIds } from "../container.js";
import { until } from "../listener.js";
import { Inside } from "./inside.js";
import { Program } from "./program.js";

const SETUP = fileURLToPath(new URL("setup.sh", import.meta.url));

/** Waits until its ids are mapped, and becomes root: before, it would lose its capabilities with the first `exec`. */
const BECOME_ROOT =
  'read pid _ </proc/self/stat; echo; read _; exec setpriv --reuid 0 --regid 0 --clear-groups sh -c "$0" sh $pid "$@"';

/** A container with a small system of its own: /usr of the host, and its own /run, /dev, /etc, /proc and /sys. */
export class System extends Inside implements AsyncDisposable {
  readonly #init: Program;

  private constructor(pid: number, init: Program) {
    super(pid);
    this.#init = init;
  }

  /** Ids 0 … 65535 are 100000 … on the host. */
  static async start(mounts: readonly Pick<Mount, "source" | "destination">[] = []): Promise<System> {
    const binds = mounts.flatMap(({ source, destination }) => [source, destination]);
    const namespaces = ["--user", "--net", "--mount", "--pid", "--fork", "--keep-caps"];
    const start = ["sh", "-c", BECOME_ROOT, readFileSync(SETUP, "utf8"), ...binds];
    const init = new Program("unshare", [...namespaces, ...start]);
    await until(() => init.lines.length === 1, "its namespaces are made");
    mapIds(init.process.pid ?? 0);
    init.process.stdin?.write("\n");
    await until(() => init.lines.length === 2 || init.process.exitCode !== null, "its system is made");
    if (init.process.exitCode !== null) throw new Error(init.stderr);
    return new System(Number(init.lines[1]), init);
  }

  /** Its first process ends, and the others with it. */
  async end(): Promise<void> {
    await this.#init.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
