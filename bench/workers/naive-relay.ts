// naive-relay PID RULES (CONTAINER SOCKET)…: the relay as one would write it first. An object for each event, all rules asked in
// turn, npm's unix-dgram. It hears through our addon, which flatters it: npm's `netlink` is slower and dies of an overrun.
import { createRequire } from "node:module";

import type { Batch } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";

import { readRules } from "../harness/crowd.js";
import { serve } from "../harness/serve.js";
import { RECEIVE_BUFFER, Stream } from "../harness/stream.js";

interface Socket {
  connect(path: string): void;
  send(bytes: Buffer): void;
}

interface Listener {
  readonly socket: Socket;
  seqnum: number;
}

const [pid, file = "", ...sockets] = process.argv.slice(2);
const unixDgram = createRequire(import.meta.url)("unix-dgram") as { createSocket(type: "unix_dgram"): Socket };
const rules = readRules(file);
const listeners = new Map<number, Listener>();
for (let i = 0; i + 1 < sockets.length; i += 2) {
  const socket = unixDgram.createSocket("unix_dgram");
  socket.connect(sockets[i + 1] ?? "");
  listeners.set(Number(sockets[i]), { socket, seqnum: 0 });
}

function parse(bytes: Uint8Array): Record<string, string> {
  const event: Record<string, string> = {};
  for (const pair of Buffer.from(bytes).toString("latin1").split("\0")) {
    const eq = pair.indexOf("=");
    if (eq > 0) event[pair.slice(0, eq)] = pair.slice(eq + 1);
  }
  return event;
}

function format(event: Record<string, string>): Buffer {
  const pairs = Object.entries(event).map(([key, value]) => `${key}=${value}\0`);
  return Buffer.from(`${event["ACTION"]}@${event["DEVPATH"]}\0${pairs.join("")}`, "latin1");
}

function isBelow(path: string, devpath: string): boolean {
  return devpath === path || devpath.startsWith(`${path}/`);
}

function tell(event: Record<string, string>): void {
  const matching = rules.filter(({ devpath }) => isBelow(devpath, event["DEVPATH"] ?? ""));
  for (const container of new Set(matching.map((rule) => rule.container))) {
    const listener = listeners.get(container);
    listener?.socket.send(format({ ...event, SEQNUM: String(++listener.seqnum) }));
  }
}

function onBatch({ count, slab, starts, ends }: Batch): void {
  for (let i = 0; i < count; i++) tell(parse(slab.subarray(starts[i], ends[i])));
}

const target = openLinux({ receiveBuffer: RECEIVE_BUFFER }).openTarget({ pid: Number(pid) });
const stream = new Stream((options) => target.openSource(options), onBatch);
await serve((count) => stream.take(count));
stream.close();
target.close();
process.exit(); // unix-dgram has no `unref`
