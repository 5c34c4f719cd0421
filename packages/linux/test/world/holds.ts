import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Holds } from "@uevent-bridge/kernel/contract";
import { build } from "esbuild";

import type { Folder } from "./directory.js";

const SOURCES = new URL("../../src/addon.ts", import.meta.url); // from here the addon is looked for

/** holder.ts as a program: Node cannot run the sources as they are. */
export class Holder {
  readonly #directory = mkdtempSync(join(tmpdir(), "uevent-bridge-holder-"));
  readonly #program = join(this.#directory, "holder.cjs");

  static async make(): Promise<Holder> {
    const holder = new Holder();
    await build({
      entryPoints: [fileURLToPath(new URL("holder.ts", import.meta.url))],
      outfile: holder.#program,
      bundle: true,
      format: "cjs",
      platform: "node",
      conditions: ["@uevent-bridge/source"],
      define: { "import.meta.url": JSON.stringify(SOURCES) },
      logLevel: "error",
    });
    return holder;
  }

  /** Does the steps in a process of their own. The directory is made and left. */
  holds({ base, uid, gid }: Folder): Holds {
    return {
      afterSource: (steps) => this.#staysAlive({ steps }),
      afterDirectory: (steps) => this.#staysAlive({ steps, directory: { path: join(base, "held"), uid, gid } }),
    };
  }

  /** Opens what it is told to, in a process that is killed then. */
  leave(left: object): void {
    const { signal, stderr } = spawnSync(process.execPath, this.arguments({ left }), { encoding: "utf8" });
    if (signal !== "SIGKILL") throw new Error(`holder.ts failed: ${stderr}`);
  }

  /** What Node is to be started with, to do a task. */
  arguments(task: object): string[] {
    return [this.#program, JSON.stringify(task)];
  }

  close(): void {
    rmSync(this.#directory, { recursive: true });
  }

  async #staysAlive(task: object): Promise<boolean> {
    const child = spawn(process.execPath, this.arguments(task), { stdio: "inherit" });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== ENDED && code !== HELD) throw new Error(`holder.ts failed with ${code}`);
    return code === HELD;
  }
}

const ENDED = 0;
const HELD = 42;
