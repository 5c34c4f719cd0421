import { readFileSync } from "node:fs";

import type { Uevent } from "@uevent-bridge/uevent";
import { isMalformed, toUevent } from "@uevent-bridge/uevent";
import { readRecords } from "@uevent-bridge/uevent/testing";

const CORPUS = new URL("../../../../test/corpus/", import.meta.url);

/** The datagrams of one recorded file, in order. */
export function datagrams(file: string): Uint8Array[] {
  return readRecords(readFileSync(new URL(file, CORPUS))).map(({ bytes }) => bytes);
}

/** The datagrams in the kernel's form of one recorded file that are of devices. */
export function deviceDatagrams(file: string): Uint8Array[] {
  const records = readRecords(readFileSync(new URL(file, CORPUS)));
  return records
    .filter(({ groups }) => groups === 1)
    .map(({ bytes }) => bytes)
    .filter(isOfDevice);
}

function isOfDevice(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).includes("@/devices/");
}

export interface Said {
  readonly action?: string;
  readonly devpath?: string;
  readonly subsystem?: string;
  readonly seq?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A datagram in the kernel's form. */
export function datagram({
  action = "add",
  devpath = "/devices/a",
  subsystem = "block",
  seq = 1,
  env = {},
}: Said): Buffer {
  const pairs = { ACTION: action, DEVPATH: devpath, SUBSYSTEM: subsystem, ...env, SEQNUM: seq };
  const text = Object.entries(pairs).map(([key, value]) => `${key}=${value}\0`);
  return Buffer.from(`${action}@${devpath}\0${text.join("")}`, "latin1");
}

export function uevent(said: Said): Uevent {
  const event = toUevent(datagram(said));
  if (isMalformed(event)) throw new Error(event.malformed);
  return event;
}
