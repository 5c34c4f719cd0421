import { renameSync, rmSync } from "node:fs";

import type { Receive } from "./datagram-socket.js";
import { DatagramSocket } from "./datagram-socket.js";
import type { Directory } from "./directory.js";
import { ListenerError } from "./errors.js";
import type { Suffix } from "./names.js";
import { hidden, newName } from "./names.js";

/** A bound socket and its file, which goes when it is closed or the process exits. */
export class SocketFile {
  readonly #socket: DatagramSocket;
  readonly #path: string;
  readonly #unlink = () => rmSync(this.#path, { force: true });

  /** @throws ListenerError ADDON_MISSING, PATH_UNUSABLE */
  constructor(directory: Directory, suffix: Suffix, receive: Receive) {
    const name = newName(suffix);
    this.#path = directory.at(name);
    this.#socket = new DatagramSocket(receive);
    try {
      bind(this.#socket, directory, name);
    } catch (error) {
      this.#socket.close();
      throw error;
    }
    process.on("exit", this.#unlink);
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
  if (code) {
    throw new ListenerError("PATH_UNUSABLE", `cannot bind a socket in ${directory.path}: ${code}`, {
      remedy: "Listen as the user who owns the directory, and see that it is on a file system that can be written.",
    });
  }
  try {
    renameSync(before, directory.at(name));
  } catch (error) {
    rmSync(before, { force: true });
    throw error;
  }
}
