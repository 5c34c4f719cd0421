import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import type { Gap } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { History } from "../../packages/relay/test/history.js";
import { needs } from "../needs.js";
import { SOCKET_QUEUE } from "../socket-queue.js";
import { LoopPool } from "./churn/loop-pool.js";
import { Collector } from "./collector/collector.js";
import { startContainer } from "./container.js";
import { Reader } from "./collector/reader.js";
import { Program } from "./inside/program.js";
import { headers, openListener, until } from "./listener.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";
import { OwnCgroup } from "./view/own-cgroup.js";

const OTHERS = 18;
const EVENTS = 3000;
const DEVICES = 4;
/** Events that the others may be behind: half of what may wait for them. */
const BEHIND = 100;
const WAITING_BYTES = 65_536;
/** The longest of these devices' events. */
const DATAGRAM_BYTES = 300;

/** Of the frozen one's netlink, in bytes: less than what is said while it is frozen. */
const RECEIVE_BUFFER = 65_536;

/** A listener that is another one all the time, and never reads. */
const RESTLESS = `
import os, select, socket, sys
os.chdir(sys.argv[1])
while not select.select([sys.stdin], [], [], 0)[0]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind("restless.sock")
        os.rename("restless.sock", "again.sock")
        os.unlink("again.sock")
`;

const needed = needs("root", "loop devices", "cgroups", "debian package python3");

describe("a container that is frozen, and a hostile listener, among twenty", needed, () => {
  test("cost nobody an event; what waits for the frozen one has its bound, and then it is told the truth", async () => {
    await using stack = new Stack();
    const place = stack.use(temporaryDirectory()).path;
    const pool = stack.use(new LoopPool(DEVICES));
    const [busy = ""] = stack.use(withLoops(1)).devices;
    const allow = [busy, ...pool.devices];
    const container = stack.use(await startContainer());
    const relay = stack.use(
      await openRelay({ kernel: openLinux(), runtimeDir: place, limits: { waitingBytes: WAITING_BYTES } }),
    );
    const [gaps, own]: [Gap[], Gap[]] = [[], []];
    const attach = async (name: string, pid?: number) => {
      const deliver = { socket: true, netlink: pid === undefined ? "off" : "kernel" } as const;
      const attached = await relay.attach({ name, allow, deliver, ...(pid !== undefined && { pid }) });
      return { attached, directory: attached.mounts[0]?.source ?? "" };
    };
    const frozen = await attach("frozen", container.pid);
    frozen.attached.on("gap", (gap) => own.push(gap));
    const restless = await attach("restless");
    const boxes = await Promise.all(Array.from({ length: OTHERS }, (_, i) => attach(`other${i}`)));
    const others = boxes.map(({ directory }) => stack.use(openListener(join(directory, "a.sock"))));
    for (const { attached } of boxes) attached.on("gap", (gap) => gaps.push(gap));
    const cgroup = stack.use(new OwnCgroup());
    const listener = stack.use(Collector.onSocket(join(place, "heard"), join(frozen.directory, "a.sock")));
    const reader = stack.use(await Reader.start(container.pid, RECEIVE_BUFFER));
    for (const { pid } of [listener, reader]) cgroup.take(pid);
    await Promise.all([listener.hasHeard(1), until(() => reader.heard.length > 0, "it has its coldplug")]);
    await until(() => others.every(({ heard }) => heard.length === allow.length), "they have their coldplug");
    const hostile = new Program("python3", ["-c", RESTLESS, restless.directory]);
    stack.use({ [Symbol.asyncDispose]: () => hostile.end() });

    stack.use({ [Symbol.asyncDispose]: () => cgroup.freeze(false) });
    await cgroup.freeze(true);
    for (let i = 0; i < EVENTS; i++) {
      writeFileSync(`/sys${busy}/uevent`, `change ${randomUUID()} N=${i}`); // of which none can stand for another
      if (i % 100 === 0) pool.toggle(Math.floor(Math.random() * DEVICES));
      if (i % 16 === 0) await until(() => others.every(({ heard }) => heard.length > i - BEHIND), "the others hear");
    }
    const changes = (heard: readonly Uint8Array[]) => headers(heard).filter((each) => each === `change@${busy}`).length;
    for (const { heard } of others) await until(() => changes(heard) === EVENTS, "another hears all");
    expect(gaps).toEqual([]);
    expect([hostile.process.exitCode, hostile.stderr]).toEqual([null, ""]); // it was there all the time

    await cgroup.freeze(false);
    await frozen.attached.settle();
    const truth = [busy, ...pool.present].toSorted();
    const heard = await listener.end(allow.length);
    const { faults, told } = historyOf(heard, true);
    expect([faults, [...told.keys()].toSorted()]).toEqual([[], truth]);
    expect(bytesOf(heard)).toBeLessThan(WAITING_BYTES + (SOCKET_QUEUE + 3 * allow.length) * DATAGRAM_BYTES);
    const known = () => [...historyOf(reader.heard, false).told.keys()].toSorted();
    await until(() => known().join() === truth.join(), "its netlink has said the truth");
    expect(new Set(own.map(({ where }) => where))).toEqual(new Set(["listener", "container"])); // more was said than may wait
  });
});

function historyOf(datagrams: readonly Uint8Array[], numbered: boolean): History {
  const history = new History(numbered);
  for (const each of datagrams) history.hear(each);
  return history;
}

function bytesOf(datagrams: readonly Uint8Array[]): number {
  return datagrams.reduce((sum, { length }) => sum + length, 0);
}
