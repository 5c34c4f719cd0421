import { TimeLimit } from "../command/time-limit.js";
import type { Container } from "@uevent-bridge/relay";

import { printable } from "../text/printable.js";
import type { ServiceManager } from "./manager.js";

/** Milliseconds in which what the kernel has said already is to be told before another relay goes on. */
const LAST_WORDS_MS = 2000;
/** Of the time after which it is taken for hung. */
const ALIVE_SHARE = 0.5;

/**
 * A container whose relay is a service. At its end the container is not detached: the service may have been stopped for another version of
 * it, which goes on where this one ends.
 */
export class Serving implements AsyncDisposable {
  readonly #service: ServiceManager;
  readonly #container: Container;
  readonly #alive: NodeJS.Timeout | undefined;

  /** All has been told; `status` is a line. */
  constructor(service: ServiceManager, container: Container, status: string) {
    this.#service = service;
    this.#container = container;
    service.say("READY=1", `STATUS=${printable(status)}`);
    const { watchdogMs } = service;
    // By a timer of the event loop that tells events: when that hangs, nothing is said.
    if (watchdogMs !== undefined)
      this.#alive = setInterval(() => service.sayNow("WATCHDOG=1"), watchdogMs * ALIVE_SHARE).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#service.say("STOPPING=1", `STATUS=ends: tells what the kernel has said already`);
    using limit = new TimeLimit(new AbortController().signal, LAST_WORDS_MS);
    await this.#container.settle({ signal: limit.signal }).catch(() => undefined); // what was not told is told as a difference
    clearInterval(this.#alive);
  }
}
