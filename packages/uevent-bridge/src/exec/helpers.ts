import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

import type { Uevent } from "@uevent-bridge/uevent";
import { hotplugEnvironment } from "@uevent-bridge/uevent";

import { Order } from "./order.js";

/** Helpers that run at the same time. */
const RUNNING_MAX = 16;
/** Events that wait for one, before no more are taken. */
const WAITING_MAX = 1024;
/** Milliseconds after which a helper that has not ended is ended, with all that it started. */
const HELPER_MS = 60_000;
/** Milliseconds that it has to end by itself then. */
const GRACE_MS = 1000;

export interface HelpersOptions {
  readonly program: string;
  /** A helper failed, was ended, or something of its event was kept from it. */
  readonly onTrouble: (sentence: string) => void;
  readonly helperMs?: number;
  readonly waitingMax?: number;
}

/**
 * Runs a program for each event as the kernel would run its hotplug helper: `argv[1]` is the subsystem, the environment the
 * event's variables and two more. One at a time for each device and for those above and below it, in order; those of others run beside it.
 */
export class Helpers {
  readonly #options: HelpersOptions;
  readonly #order = new Order();
  readonly #running = new Set<ChildProcess>();
  readonly #queue: (() => void)[] = [];
  #waiting = 0;
  /** Those who wait until more events may come. */
  readonly #onRoom: (() => void)[] = [];
  #ended = false;

  constructor(options: HelpersOptions) {
    this.#options = options;
  }

  /** Resolves when more events may come: what is beyond waits with whoever tells them. */
  async run(event: Uevent): Promise<void> {
    const paths = new Set([event.devpath, event.env.get("DEVPATH_OLD") ?? event.devpath]);
    this.#waiting++;
    void this.#order.run(paths, () => this.#run(event)).finally(() => this.#taken());
    while (!this.#hasRoom && !this.#ended) await new Promise<void>((resolve) => this.#onRoom.push(resolve));
  }

  /** Resolves when all have ended; those that run are asked to. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const next of [...this.#onRoom.splice(0), ...this.#queue.splice(0)]) next();
    for (const child of this.#running) this.#stop(child);
    await this.#order.rest();
  }

  get #hasRoom(): boolean {
    return this.#waiting < (this.#options.waitingMax ?? WAITING_MAX);
  }

  #taken(): void {
    this.#waiting--;
    if (this.#hasRoom) for (const next of this.#onRoom.splice(0)) next();
  }

  async #run(event: Uevent): Promise<void> {
    if (this.#running.size >= RUNNING_MAX) await new Promise<void>((resolve) => this.#queue.push(resolve));
    if (this.#ended) return;
    try {
      await this.#spawn(event);
    } catch (error) {
      this.#options.onTrouble(
        `${event.action}@${event.devpath}: ${this.#options.program} cannot be run: ${String(error)}`,
      ); // busy, for one
    } finally {
      this.#queue.shift()?.();
    }
  }

  /** Without SEQNUM: where there is a `/dev/mdev.seq`, busybox mdev waits two seconds at each gap in it. */
  async #spawn(event: Uevent): Promise<void> {
    const { program, onTrouble, helperMs = HELPER_MS } = this.#options;
    const { args, env, refused } = hotplugEnvironment(event, { seqnum: false });
    const name = `${event.action}@${event.devpath}`;
    if (refused.length > 0) onTrouble(`${name}: kept from ${program}: ${refused.join(", ")}`);
    const child = spawn(program, args, { env, cwd: "/", stdio: ["ignore", "inherit", "inherit"], detached: true });
    this.#running.add(child);
    const timer = setTimeout(() => {
      onTrouble(`${name}: ${program} did not end within ${helperMs / 1000} s, and is ended`);
      this.#stop(child);
    }, helperMs);
    const trouble = await outcomeOf(child);
    clearTimeout(timer);
    this.#running.delete(child);
    if (trouble !== undefined && !this.#ended) onTrouble(`${name}: ${program} ${trouble}`);
  }

  /** It leads a process group of its own: what it started goes with it. */
  #stop(child: ChildProcess): void {
    signal(child, "SIGTERM");
    const timer = setTimeout(() => signal(child, "SIGKILL"), GRACE_MS);
    child.once("exit", () => {
      clearTimeout(timer);
      signal(child, "SIGKILL"); // what it left behind
    });
  }
}

function signal({ pid }: ChildProcess, name: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // nobody is left of it
  }
}

/** What went wrong with it; undefined if nothing did. */
function outcomeOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`cannot be run: ${error.message}`));
    child.once("exit", (code, by) => {
      if (by !== null) resolve(`was ended by ${by}`);
      else resolve(code === 0 ? undefined : `exited with ${code}`);
    });
  });
}
