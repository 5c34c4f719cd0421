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

/** What the host mounts later in what is bound in appears there too. */
const PROPAGATION = ["--propagation", "slave"];

/** What is bound in: a directory of the host, and where it is inside. */
export type Bind = Pick<Mount, "source" | "destination">;

interface StartOptions {
  /** Options of `unshare` for its user namespace. */
  readonly user: readonly string[];
  /** Gives it its ids. */
  readonly map: (pid: number) => void;
  /** Its namespaces as `nsenter` names them, if they are not all. */
  readonly entered?: readonly string[];
  readonly seconds?: number;
}

/** A container with a small system of its own: /usr of the host, and its own /run, /dev, /etc, /proc and /sys. */
export class System extends Inside implements AsyncDisposable {
  readonly #init: Program;

  private constructor(pid: number, init: Program, namespaces: readonly string[] | undefined) {
    super(pid, namespaces);
    this.#init = init;
  }

  /** Ids 0 … 65535 are 100000 … on the host. @param seconds that each step of it may take */
  static start(mounts: readonly Bind[] = [], seconds?: number): Promise<System> {
    return System.#start(mounts, { user: ["--user", "--keep-caps"], map: mapIds, ...(seconds && { seconds }) });
  }

  /** Without a user namespace of its own: its root is the host's, and on its netlink it hears the host's events. */
  static startPrivileged(mounts: readonly Bind[] = []): Promise<System> {
    return System.#start(mounts, { user: [], map: () => {}, entered: ["-n", "-m", "-p"] });
  }

  static async #start(mounts: readonly Bind[], { user, map, entered, seconds }: StartOptions): Promise<System> {
    const binds = mounts.flatMap(({ source, destination }) => [source, destination]);
    const start = ["sh", "-c", BECOME_ROOT, readFileSync(SETUP, "utf8"), ...binds];
    const init = new Program("unshare", [...user, "--net", "--mount", "--pid", "--fork", ...PROPAGATION, ...start]);
    await until(() => init.lines.length === 1, "its namespaces are made", seconds);
    map(init.process.pid ?? 0);
    init.process.stdin?.write("\n");
    await until(() => init.lines.length === 2 || init.process.exitCode !== null, "its system is made", seconds);
    if (init.process.exitCode !== null) throw new Error(init.stderr);
    return new System(Number(init.lines[1]), init, entered);
  }

  /** Its first process ends, and the others with it. */
  async end(): Promise<void> {
    await this.#init.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
