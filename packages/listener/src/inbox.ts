import { resolve } from "node:path";

import type { Receive } from "./datagram-socket.js";
import type { Directory } from "./directory.js";
import { openDirectory } from "./directory.js";
import { ListenerError } from "./errors.js";
import { Hold } from "./hold.js";
import type { Suffix } from "./names.js";
import { SocketFile } from "./socket-file.js";
import { sweep } from "./sweep.js";

/** Milliseconds between two looks whether the relay can still find the socket. */
export const LOOK_MS = 1000;

export interface InboxOptions extends Receive {
  readonly dir: string;
  readonly suffix: Suffix;
}

/**
 * A place in the directory at which datagrams arrive, until it is closed. If another directory is there later, or somebody
 * removed the socket's file, there is soon another socket.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #hold = new Hold({ letGo: () => this.#letGo(), takeBack: () => this.#takeBack() });
  readonly #looking: NodeJS.Timeout;
  #directory: Directory | undefined;
  #file: SocketFile | undefined;
  #isHeld = true;
  #isAway = false;
  #isStale = false;
  #closed = false;

  /** @throws ListenerError ADDON_MISSING, PATH_UNUSABLE */
  constructor(options: InboxOptions) {
    this.#options = { ...options, dir: resolve(options.dir) }; // the process may work elsewhere later
    this.#bind();
    this.#looking = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** Has the relay tell all anew, within a second: to another socket. */
  renew(): void {
    this.#isStale = true;
  }

  ref(): void {
    if (this.#closed) return;
    this.#isHeld = true;
    this.#hold.ref();
    this.#holdProcess();
  }

  unref(): void {
    if (this.#closed) return;
    this.#isHeld = false;
    this.#hold.unref();
    this.#holdProcess();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#looking);
    this.#hold.cancel();
    this.#unbind();
  }

  #look(): void {
    if (this.#isAway || (this.#file?.isFound() && !this.#isStale)) return;
    this.#bindAgain();
  }

  /** If it cannot be bound now, the next look tries again. */
  #bindAgain(): void {
    this.#unbind();
    try {
      this.#bind();
    } catch (error) {
      if (!(error instanceof ListenerError)) throw error;
    }
    this.#holdProcess();
  }

  #bind(): void {
    const directory = openDirectory(this.#options.dir);
    try {
      sweep(directory);
      this.#file = new SocketFile(directory, this.#options.suffix, this.#options);
      this.#directory = directory;
      this.#isStale = false;
    } catch (error) {
      directory.close();
      throw error;
    }
  }

  #unbind(): void {
    this.#file?.close();
    this.#directory?.close();
    this.#file = undefined;
    this.#directory = undefined;
  }

  /** The socket holds the process; while there is none, the looks do. */
  #holdProcess(): void {
    if (this.#isHeld && !this.#file) this.#looking.ref();
    else this.#looking.unref();
  }

  #letGo(): void {
    this.#isAway = true;
    this.#unbind();
  }

  #takeBack(): void {
    this.#isAway = false;
    this.#bindAgain();
  }
}
