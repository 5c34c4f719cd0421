import { setTimeout as wait } from "node:timers/promises";

import { expect } from "vitest";

import { Cli, newName, run } from "../cli.js";

/** After which a mark is told again to who has not heard it. */
const AGAIN_MS = 1000;

/** Who hears the mark. */
interface Marked {
  marked(): Promise<void>;
}

/** The relay on the host, as the command. */
export class Outside implements AsyncDisposable {
  readonly allowed: readonly string[];
  readonly #name = newName();
  readonly #mark: string;
  readonly #args: readonly string[];
  #attach: Cli | undefined;

  /** @param ways the words of the command that say to whom */
  constructor(ways: readonly string[], allowed: readonly string[], mark: string) {
    this.allowed = allowed;
    this.#mark = mark;
    const rules = allowed.flatMap((devpath) => ["--allow", devpath]);
    this.#args = ["attach", this.#name, ...ways, ...rules];
  }

  async start(): Promise<void> {
    this.#attach = new Cli(this.#args);
    await this.#attach.until("stderr", ": socket");
  }

  /** Has one device told once more, until all have heard it: who is found later has not. Who has heard it has heard all that was told before. */
  async marks(...programs: readonly Marked[]): Promise<void> {
    let isHeard = false;
    const marked = Promise.all(programs.map((program) => program.marked())).then(() => (isHeard = true));
    for (let tries = 0; !isHeard; tries++) {
      expect(await run("trigger", this.#name, this.#mark)).toMatchObject({ status: 0 });
      await Promise.race([marked, wait(AGAIN_MS)]);
      if (isHeard && tries > 0) await wait(AGAIN_MS); // none that was told again is taken for the next one
    }
  }

  async startAndKill(afterMs: number): Promise<void> {
    this.#attach = new Cli(this.#args);
    await wait(afterMs);
    await this.kill();
  }

  async kill(): Promise<void> {
    this.#attach?.process.kill("SIGKILL");
    expect(await this.#attach?.exit()).toBe("SIGKILL");
    this.#attach = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#attach?.[Symbol.asyncDispose]();
  }
}
