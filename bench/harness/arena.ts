import { readFileSync } from "node:fs";

import { openNamespace } from "./namespace.js";
import type { Namespace } from "./namespace.js";
import { assertCount } from "./result.js";
import { native } from "./commands.js";
import { Worker } from "./worker.js";

const AT_ONCE = 64; // events of one call of the system
const CHARGE = 2048; // bytes of receive buffer that an event of 300 bytes may be charged, generously

/** A network namespace into which recorded events are put. */
export class Arena implements AsyncDisposable {
  readonly #namespace: Namespace;
  readonly #injector: Worker;

  /** @param file the datagrams to inject, see `writeDatagrams` */
  static async open(file: string): Promise<Arena> {
    const namespace = await openNamespace();
    return new Arena(namespace, await Worker.start(native("inject", namespace.pid, file, AT_ONCE)));
  }

  private constructor(namespace: Namespace, injector: Worker) {
    this.#namespace = namespace;
    this.#injector = injector;
  }

  /** Of the process that holds the namespace. */
  get pid(): number {
    return this.#namespace.pid;
  }

  /** Puts so many events in, from the first recorded one on. Whoever listens has them in its socket's queue then. */
  async fill(count: number): Promise<void> {
    assertCount("events injected", (await this.#injector.ask(count)).count, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#injector[Symbol.asyncDispose]();
    await this.#namespace[Symbol.asyncDispose]();
  }
}

/** So many of the wanted events as a socket's queue holds on this machine. */
export function asFitsQueue(wanted: number): number {
  if (process.getuid?.() === 0) return wanted; // SO_RCVBUFFORCE
  const most = 2 * Number(readFileSync("/proc/sys/net/core/rmem_max", "latin1"));
  return Math.min(wanted, Math.floor(most / CHARGE));
}
