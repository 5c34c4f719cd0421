import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import type { Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";

import { System } from "../inside/system.js";
import type { Program } from "../inside/program.js";
import { until } from "../listener.js";
import { Stack } from "../stack.js";
import { compilePrograms } from "./opener.js";
import { programsDirectory } from "./programs.js";

const PROGRAMS = "/run/programs"; // inside
const SECONDS = 30; // until a step of it is missed

/**
 * Two containers of one relay. A program of the hostile one can hold up directories: meanwhile nothing may look for a name in them, as it
 * would wait, past any signal.
 */
export class HeldStage implements AsyncDisposable {
  readonly directory: string;
  readonly relay: Relay;
  readonly hostile: System;
  readonly innocent: System;
  readonly #stack: Stack;

  private constructor(parts: Pick<HeldStage, "directory" | "relay" | "hostile" | "innocent">, stack: Stack) {
    this.directory = parts.directory;
    this.relay = parts.relay;
    this.hostile = parts.hostile;
    this.innocent = parts.innocent;
    this.#stack = stack;
  }

  static async start(): Promise<HeldStage> {
    const stack = new Stack();
    try {
      const { directory, programs } = programsDirectory(stack);
      stack.use({ [Symbol.dispose]: () => unmountBelow(directory) });
      compilePrograms(programs);
      const hostile = stack.use(await System.start([{ source: programs, destination: PROGRAMS }], SECONDS));
      const innocent = stack.use(await System.start([], SECONDS));
      const kernel = openLinux({ lockDirectory: join(directory, "locks") });
      const relay = await openRelay({ kernel, runtimeDir: join(directory, "runtime") });
      stack.use({ [Symbol.asyncDispose]: () => relay.close() });
      return new HeldStage({ directory, relay, hostile, innocent }, stack);
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Holds directories up until it is ended, which is before its container at the latest: nobody could end that one. */
  async hold(...paths: readonly string[]): Promise<Program> {
    const program = this.hostile.start(`${PROGRAMS}/hold`, ...paths);
    this.#stack.use({ [Symbol.asyncDispose]: () => program.end() });
    await until(() => program.lines.length === paths.length || program.stderr !== "", "it holds them", SECONDS);
    if (program.stderr !== "") throw new Error(program.stderr);
    return program;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack[Symbol.asyncDispose]();
  }
}

/** What a relay left as a container had it still. */
function unmountBelow(directory: string): void {
  const places = readFileSync("/proc/self/mountinfo", "latin1")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((place) => place.startsWith(`${directory}/`));
  for (const place of places.toReversed()) execFileSync("umount", ["--lazy", place]);
}
