import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("agent.mjs", import.meta.url));

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A process in a container that does what it is told to: agent.mjs. */
export class Agent {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #id = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (answer: Answer) => this.#waiting.get(answer.id)?.(answer));
  }

  /** Starts it with a program before it that enters or makes the namespaces: `unshare`, `nsenter`. */
  static async start(program: string, args: readonly string[]): Promise<Agent> {
    const child = spawn(program, [...args, process.execPath, SCRIPT], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      serialization: "advanced",
    });
    const failed = once(child, "exit").then(() => Promise.reject(new Error(`${program} ${args.join(" ")} failed`)));
    await Promise.race([once(child, "message"), failed]);
    failed.catch(() => {});
    return new Agent(child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask<T>(method: string, ...args: readonly unknown[]): Promise<T> {
    const id = ++this.#id;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#child.send({ id, method, args });
    const { value, error } = await answered;
    this.#waiting.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error}`);
    return value as T;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
