import type { Batch, Source } from "@uevent-bridge/kernel";

import { loadAddon } from "../addon.js";
import { systemError } from "../errno.js";
import { SocketSource } from "../source.js";

/**
 * Binds a datagram socket to a path, as a listener in a container would, and reads it in batches. It is paused until
 * `resume()`. Closing it leaves the socket's file. @throws Error if the path cannot be bound
 */
export function openReceiver(path: string, onBatch: (batch: Batch) => void): Source {
  const addon = loadAddon();
  const fd = addon.bindDatagram(path);
  if (fd < 0) throw systemError(`bind ${path}`, fd);
  return new SocketSource(addon, fd, onBatch);
}
