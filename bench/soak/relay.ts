import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

import { nodeProgram } from "../harness/places.js";
import type { Request, Sample } from "./sample.js";

/** The relay of a soak, in a process of its own: see workers/soak-relay.ts. */
export class SoakRelay {
  readonly #child: ChildProcess;

  readonly #ended: Promise<never>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, "exit").then(() => Promise.reject(new Error("the relay has ended")));
    this.#ended.catch(() => {}); // whoever asks hears of it
  }

  static async start(directory: string, leak: string): Promise<SoakRelay> {
    const relay = new SoakRelay(fork(nodeProgram("soak-relay"), [directory, leak], { execArgv: ["--expose-gc"] }));
    await relay.#answer();
    return relay;
  }

  /** @throws Error it could not, or has ended */
  async ask(request: Request): Promise<string> {
    this.#child.send(request);
    return (await this.#answer()) as string;
  }

  async sample(): Promise<Sample> {
    this.#child.send({ what: "sample" } satisfies Request);
    return (await this.#answer()) as Sample;
  }

  async end(): Promise<void> {
    await this.ask({ what: "end" });
    this.#child.kill("SIGKILL");
  }

  async #answer(): Promise<string | Sample> {
    const [{ result, error }] = (await Promise.race([once(this.#child, "message"), this.#ended])) as [
      { result: string | Sample; error?: string },
    ];
    if (error !== undefined) throw new Error(error);
    return result;
  }
}
