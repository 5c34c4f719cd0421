import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { describe, expect, test, vi } from "vitest";

import { newName } from "../cli.js";
import { needs } from "../needs.js";
import { ROOT } from "../packages.js";
import { change } from "./loops.js";
import { churn } from "./service-churn.js";
import type { Manager } from "./service-churn.js";

const CLI = join(ROOT, "packages/uevent-bridge/dist/cli.js");
const RESTARTS = Number(process.env["SERVICE_RESTARTS"] ?? 4);
const SEED = Number(process.env["SERVICE_SEED"] ?? Date.now() % 1_000_000); // in the name: a run that failed can be repeated
vi.setConfig({ testTimeout: 60_000 + 5000 * RESTARTS });

const needed = needs("root", "loop devices", "unix-dgram", "debian package python3");

describe(`${RESTARTS} times a service is killed or ended, and starts again (seed ${SEED})`, needed, () => {
  test("what the kernel says all the time is told once, in order, byte for byte", async () => {
    const { heard, said } = await churn(RESTARTS, SEED, (directory, args) => new Keeper(directory, args, true));
    expect(heard.length).toBeGreaterThan(RESTARTS);
    expect(heard).toEqual(said);
  });

  test("where nobody keeps its source something is missing: the test can fail", async () => {
    const { heard, said } = await churn(1, SEED, (directory, args) => new Keeper(directory, args, false));
    expect(heard).not.toEqual(said);
  });
});

/** A program that stands for systemd. */
class Keeper implements Manager {
  readonly #keeps: boolean;
  readonly #program: ReturnType<typeof spawn>;
  readonly #lines: AsyncIterator<string>;

  constructor(directory: string, args: readonly string[], keeps: boolean) {
    this.#keeps = keeps;
    const file = new URL("keeper.py", import.meta.url).pathname;
    const command = [process.execPath, CLI, "attach", newName(), ...args];
    this.#program = spawn("python3", [file, join(directory, "notify"), ...command], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = createInterface({ input: this.#program.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  async start(): Promise<void> {
    await this.#ask("start", "ready uevent-memory,uevent-source");
  }

  async exchange(random: () => number, meanwhile: () => Promise<void>, mark: string): Promise<void> {
    if (random() < 0.75) await this.#ask("kill", "ended 9");
    else await this.#ask("term", "ended 0");
    if (!this.#keeps) await this.#ask("forget", "forgotten");
    if (!this.#keeps) change(mark); // nothing of that is left behind
    await meanwhile();
    await this.start();
  }

  async #ask(what: string, answer: string): Promise<void> {
    this.#program.stdin?.write(`${what}\n`);
    expect((await this.#lines.next()).value).toBe(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.stdin?.end();
    await once(this.#program, "close");
  }
}
