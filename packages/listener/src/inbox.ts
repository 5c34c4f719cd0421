import type { Receive } from "./datagram-socket.js";
import type { Directory } from "./directory.js";
import { openDirectory } from "./directory.js";
import { ListenerError } from "./errors.js";
import { Hold } from "./hold.js";
import type { Suffix } from "./names.js";
import { SocketFile } from "./socket-file.js";
import { sweep } from "./sweep.js";

export interface InboxOptions extends Receive {
  readonly dir: string;
  readonly suffix: Suffix;
  /** It was let go while unreferenced and cannot be had back. */
  readonly onLost: (error: ListenerError) => void;
}

/** A place in the directory at which datagrams arrive, until it is closed. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #directory: Directory;
  readonly #hold = new Hold({ letGo: () => this.#file?.close(), takeBack: () => this.#takeBack() });
  #file: SocketFile | undefined;
  #closed = false;

  /** @throws ListenerError ADDON_MISSING, PATH_UNUSABLE */
  constructor(options: InboxOptions) {
    this.#options = options;
    this.#directory = openDirectory(options.dir);
    try {
      sweep(this.#directory);
      this.#file = this.#bind();
    } catch (error) {
      this.#directory.close();
      throw error;
    }
  }

  ref(): void {
    if (!this.#closed) this.#hold.ref();
  }

  unref(): void {
    if (!this.#closed) this.#hold.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#hold.cancel();
    this.#file?.close();
    this.#directory.close();
  }

  #bind(): SocketFile {
    return new SocketFile(this.#directory, this.#options.suffix, this.#options);
  }

  #takeBack(): void {
    try {
      this.#file = this.#bind();
    } catch (cause) {
      this.#options.onLost(lost(this.#directory, cause));
    }
  }
}

function lost(directory: Directory, cause: unknown): ListenerError {
  return new ListenerError("PATH_UNUSABLE", `cannot listen in ${directory.path} any more`, {
    remedy: "See that the directory is still there, then listen again.",
    cause,
  });
}
