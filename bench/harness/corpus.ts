import { existsSync, readFileSync, readdirSync } from "node:fs";

import { decode, isMalformed, withAction, withoutSeqnum } from "@uevent-bridge/uevent";
import type { KernelUevent } from "@uevent-bridge/uevent";
import { readRecords } from "@uevent-bridge/uevent/testing";

import { inTree } from "./places.js";

const CORPUS = "test/corpus";
const WANTED_BYTES = 300;

interface Recorded {
  readonly bytes: Uint8Array;
  readonly event: KernelUevent;
}

/** Datagrams of real kernels, the `count` whose length is nearest to 300 bytes. */
export function recordedDatagrams(count: number): Uint8Array[] {
  return nearestTo300(recorded(), count).map(({ bytes }) => bytes);
}

/**
 * Devices of other machines, as events to be injected: `add` and `change` of each. This machine has none of them, and has a
 * class or a bus for each; net devices are left out, as they belong to a network namespace.
 */
export function recordedDevices(count: number): { add: Uint8Array[]; change: Uint8Array[]; devpaths: string[] } {
  const chosen = nearestTo300(
    adds().filter(({ event }) => isNewHere(event)),
    count,
  );
  const add = chosen.map(({ bytes }) => withoutSeqnum(bytes));
  return {
    add,
    change: add.map((bytes) => withAction(bytes, "change")),
    devpaths: chosen.map(({ event }) => event.devpath),
  };
}

/** The first event of each recorded device. */
export function recordedAdds(): KernelUevent[] {
  return adds().map(({ event }) => event);
}

function adds(): Recorded[] {
  const ofDevices = recorded().filter(({ event }) => event.action === "add" && event.devpath.startsWith("/devices/"));
  return [...new Map(ofDevices.map((each) => [each.event.devpath, each])).values()];
}

function recorded(): Recorded[] {
  const files = readdirSync(inTree(CORPUS)).filter((name) => /^(host|guest)-.*\.bin$/.test(name));
  return files
    .flatMap((name) => readRecords(readFileSync(inTree(CORPUS, name))))
    .flatMap(({ bytes }) => {
      const event = decode(bytes);
      return isMalformed(event) ? [] : [{ bytes, event }];
    });
}

function isNewHere({ devpath, subsystem }: KernelUevent): boolean {
  const isKnownHere = existsSync(`/sys/class/${subsystem}`) || existsSync(`/sys/bus/${subsystem}`);
  return isKnownHere && subsystem !== "net" && !existsSync(`/sys${devpath}`);
}

function nearestTo300(all: readonly Recorded[], count: number): Recorded[] {
  const distance = ({ bytes }: Recorded): number => Math.abs(bytes.length - WANTED_BYTES);
  return all.toSorted((a, b) => distance(a) - distance(b)).slice(0, count);
}
