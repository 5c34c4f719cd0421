import { closeSync, openSync, readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import { pack } from "./messages.js";
import type { Socket } from "./unix-dgram.js";
import { createSocket } from "./unix-dgram.js";

const CONGESTION = 1;

/** What a relay does with one listener: it finds its socket and sends. */
export class FakeRelay implements Disposable {
  readonly #socket: Socket = createSocket();

  /** Connects to the only listener of the directory. */
  constructor(dir: string) {
    this.#socket.on("error", (error) => {
      throw error;
    });
    const fd = openSync(dir, "r");
    this.#socket.connect(`/proc/self/fd/${fd}/${socketIn(dir)}`); // the path may be too long to be said whole
    closeSync(fd);
  }

  /** Sends these messages in one datagram; resolves when the listener's queue has taken it. */
  async say(...messages: readonly object[]): Promise<void> {
    await this.send(pack(...messages));
  }

  async send(bytes: Uint8Array): Promise<void> {
    while ((await this.#sendOnce(Buffer.from(bytes))) === CONGESTION) await setImmediate();
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #sendOnce(bytes: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, (error) => {
        const code = error?.code ?? 0;
        if (code < 0) reject(new Error(`send: ${code}`));
        else resolve(code);
      });
    });
  }
}

/** The name of the only socket that a relay would see in the directory. */
export function socketIn(dir: string): string {
  const names = socketsIn(dir);
  const [name] = names;
  if (name === undefined || names.length > 1)
    throw new Error(`one socket was expected in ${dir}, there are ${names.length}`);
  return name;
}

export function socketsIn(dir: string): string[] {
  return readdirSync(dir).filter((name) => name.endsWith(".sock") && !name.startsWith("."));
}
