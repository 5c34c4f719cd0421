import { lstatSync, renameSync } from "node:fs";
import { join } from "node:path";

import type { Receive } from "./datagram-socket.js";
import { DatagramSocket } from "./datagram-socket.js";
import type { Directory } from "./directory.js";
import { ListenerError } from "./errors.js";
import type { Suffix } from "./names.js";
import { hidden, newName } from "./names.js";
import { remove } from "./remove.js";

/** A bound socket and its file, which goes when it is closed or the process exits. */
export class SocketFile {
  readonly #socket: DatagramSocket;
  readonly #path: string;
  /** Where the relay looks: the directory that was opened may be there no more. */
  readonly #shown: string;
  readonly #inode: bigint;
  readonly #unlink = () => remove(this.#path);

  /** @throws ListenerError ADDON_MISSING, PATH_UNUSABLE */
  constructor(directory: Directory, suffix: Suffix, receive: Receive) {
    const name = newName(suffix);
    this.#path = directory.at(name);
    this.#shown = join(directory.path, name);
    this.#socket = new DatagramSocket(receive);
    try {
      bind(this.#socket, directory, name);
      this.#inode = inodeAt(this.#path) ?? 0n;
    } catch (error) {
      this.#socket.close();
      throw error;
    }
    process.on("exit", this.#unlink);
  }

  /** True if the relay can find it: neither was its file removed nor is the directory another one. */
  isFound(): boolean {
    return inodeAt(this.#shown) === this.#inode;
  }

  close(): void {
    process.off("exit", this.#unlink);
    this.#unlink(); // first the name: nobody finds a socket that is closed
    this.#socket.close();
  }
}

/** Under a hidden name first: the relay would see the file before the socket can be reached. */
function bind(socket: DatagramSocket, directory: Directory, name: string): void {
  const before = directory.at(hidden(name));
  const code = socket.bind(before);
  if (code) throw unbound(directory, code);
  try {
    renameSync(before, directory.at(name));
  } catch (error) {
    remove(before);
    throw unbound(directory, (error as NodeJS.ErrnoException).code ?? String(error));
  }
}

function unbound(directory: Directory, code: string): ListenerError {
  const [reason, remedy] = directory.isRemoved()
    ? [
        "it was removed on the host",
        "Mount the directory anew, and make it before the relay does, which removes what it made.",
      ]
    : [code, "Listen as the user who owns the directory, and see that it is on a file system that can be written."];
  return new ListenerError("PATH_UNUSABLE", `cannot bind a socket in ${directory.path}: ${reason}`, { remedy });
}

function inodeAt(path: string): bigint | undefined {
  try {
    return lstatSync(path, { bigint: true }).ino;
  } catch {
    return undefined; // nothing, or nothing that we may see
  }
}
