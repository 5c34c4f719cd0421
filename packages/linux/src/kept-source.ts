import { closeSync } from "node:fs";

import type { Batch } from "@uevent-bridge/kernel";

import type { Addon } from "./addon.js";
import { systemError } from "./errno.js";
import { HOLE, KeptHole } from "./kept-hole.js";
import { memorySize } from "./received.js";
import { SocketSource } from "./source.js";

/** Who keeps descriptors for the process that comes after this one, as systemd does for a service. What it cannot do, it does not: it throws nothing. */
export interface Keeper {
  /** Those that it has kept, by name. */
  readonly kept: ReadonlyMap<string, number>;
  keep(name: string, fd: number): void;
  forget(name: string): void;
}

const SOCKET = "uevent-source";
const MEMORY = "uevent-memory";

/**
 * A source of the kernel's events that outlives the process, with what it has read last. What was kept of the one before is taken over if it
 * is what it should be; else it begins here.
 */
export function openKeptSource(
  addon: Addon,
  keeper: Keeper,
  onBatch: (batch: Batch) => void,
  open: () => number,
): SocketSource {
  const size = memorySize(addon.receiveHeadersSize());
  return takeOver(addon, keeper, onBatch, size) ?? begin(addon, keeper, onBatch, open(), size);
}

function takeOver(
  addon: Addon,
  keeper: Keeper,
  onBatch: (batch: Batch) => void,
  size: number,
): SocketSource | undefined {
  const { kept } = keeper;
  const [socket = -1, fd = -1, hole = -1] = [kept.get(SOCKET), kept.get(MEMORY), kept.get(HOLE)];
  const memory = socket >= 0 && addon.checkSource(socket) === 0 ? addon.mapMemory(fd, size) : -1;
  for (const each of [fd, ...(typeof memory === "number" ? [socket, hole] : [])]) if (each >= 0) closeSync(each);
  if (typeof memory === "number") return undefined;
  return new SocketSource(addon, socket, onBatch, { memory, isLeft: true, hole: new KeptHole(addon, keeper, hole) });
}

function begin(
  addon: Addon,
  keeper: Keeper,
  onBatch: (batch: Batch) => void,
  socket: number,
  size: number,
): SocketSource {
  const fd = addon.openMemory(size);
  const memory = fd < 0 ? fd : addon.mapMemory(fd, size);
  if (typeof memory === "number") throw systemError("memfd_create", memory);
  for (const name of [SOCKET, MEMORY, HOLE]) if (keeper.kept.has(name)) keeper.forget(name); // none of them can be taken over
  keeper.keep(SOCKET, socket);
  keeper.keep(MEMORY, fd);
  closeSync(fd);
  return new SocketSource(addon, socket, onBatch, { memory, isLeft: false, hole: new KeptHole(addon, keeper) });
}
