import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdir } from "node:fs/promises";

import type { Target } from "@uevent-bridge/relay";

import { CommandError, STATUS } from "../command/error.js";
import { TimeLimit } from "../command/time-limit.js";
import { namespacesOf } from "./census.js";
import { HeardSoFar } from "./container.js";
import type { DemoContainer } from "./container.js";
import type { FromInside, ToInside } from "./inside.js";
import type { Own } from "./unshare.js";

export interface ProcessContainerOptions {
  readonly name: string;
  readonly directory: string;
  readonly own: Own;
  /** The program and the arguments that start this command. */
  readonly self: readonly string[];
}

const ANSWER_MS = 20_000; // a machine that is busy starts a program slowly
const END_MS = 2000; // then it is killed

/** A child process in namespaces of its own, which receives as a container's program does. */
export class ProcessContainer implements DemoContainer {
  readonly name: string;
  readonly directory: string;
  readonly heard = new HeardSoFar();
  readonly #child: ChildProcess;
  readonly #messages = new EventEmitter();
  #namespaces: readonly string[] = [];

  /** @throws CommandError it did not start */
  static async start(options: ProcessContainerOptions): Promise<ProcessContainer> {
    await mkdir(options.directory, { mode: 0o700 });
    const container = new ProcessContainer(options);
    try {
      await container.#ready();
      return container;
    } catch (error) {
      await container[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor({ name, directory, own, self }: ProcessContainerOptions) {
    this.name = name;
    this.directory = directory;
    this.#child = spawn("unshare", [...own, ...self, "demo", "--inside", directory], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      serialization: "advanced", // bytes and bigints stay what they are
    });
    this.#child.on("error", () => {}); // `#next` reports it
    this.#child.on("message", (message: FromInside) => this.#onMessage(message));
  }

  get target(): Target {
    return { pid: this.#child.pid ?? 0 };
  }

  get namespaces(): readonly string[] {
    return this.#namespaces;
  }

  async sync(): Promise<void> {
    const synced = this.#next("synced");
    this.#child.send("sync" satisfies ToInside, () => {}); // if it has ended, `#next` says so
    await synced;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    const exited = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect(); // its program ends when nobody listens to it
    const patience = setTimeout(() => this.#child.kill("SIGKILL"), END_MS);
    await exited;
    clearTimeout(patience);
  }

  get #hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #ready(): Promise<void> {
    await this.#next("ready");
    const ours = new Set(namespacesOf("self"));
    this.#namespaces = namespacesOf(this.target.pid ?? 0).filter((name) => !ours.has(name));
  }

  /** Resolves at the next message of this kind. @throws CommandError the process ended or hangs */
  async #next(kind: "ready" | "synced"): Promise<void> {
    const ended = new AbortController();
    using limit = new TimeLimit(ended.signal, ANSWER_MS);
    const onEnd = (): void => ended.abort();
    this.#child.once("exit", onEnd).once("error", onEnd);
    if (this.#hasEnded) onEnd();
    try {
      await once(this.#messages, kind, { signal: limit.signal });
    } catch (cause) {
      const problem = ended.signal.aborted ? "has ended" : "does not answer";
      throw new CommandError(STATUS.world, `the demo's container ${this.name} ${problem}`, "Try again.", { cause });
    } finally {
      this.#child.off("exit", onEnd).off("error", onEnd);
    }
  }

  #onMessage(message: FromInside): void {
    if (message.kind === "sighting") this.heard.add(message.channel, message);
    else this.#messages.emit(message.kind);
  }
}
