import { readFileSync, readdirSync } from "node:fs";

import type { DeviceTree, UdevRecord } from "@uevent-bridge/kernel";
import { decode, decodeUdev, isMalformed } from "@uevent-bridge/uevent";
import type { UdevMessage } from "@uevent-bridge/uevent";
import { readRecords } from "@uevent-bridge/uevent/testing";

import { HOST_NETNS } from "../../src/feed.js";
import type { KnownDevice } from "../../src/known-device.js";
import { Registry } from "../../src/registry.js";
import { derive } from "../../src/udev/derive.js";
import { udevBytes } from "../../src/udev/message.js";

const CORPUS = new URL("../../../../test/corpus/", import.meta.url);
const BASE = "guestudev-coldplug.bin"; // what every scenario begins with

/** What udevd said of an event, and what was derived for it. */
export interface Twin {
  readonly file: string;
  readonly message: UdevMessage;
  /** The whole of our message for the same event, DEVNAME included. */
  readonly derived: ReadonlyMap<string, string>;
  /** The device, or what it is plugged into, goes in the course of the scenario. */
  readonly goes: boolean;
}

/** Each event of the recorded machine that udevd passed on, in every scenario. */
export function* twins(): Generator<Twin> {
  const files = readdirSync(CORPUS).filter((name) => name.startsWith("guestudev-"));
  for (const file of files) yield* twinsOf(file);
}

function* twinsOf(file: string): Generator<Twin> {
  const registry = new Registry({ devices: noSysfs(), netns: HOST_NETNS, netOnly: false });
  const records = readRecords(readFileSync(new URL(file, CORPUS)));
  if (file !== BASE)
    for (const { bytes, groups } of readRecords(readFileSync(new URL(BASE, CORPUS))))
      if (groups === 1) apply(registry, bytes);
  const attributes = attributesSaidIn(records.flatMap(({ bytes, groups }) => (groups === 2 ? [udev(bytes)] : [])));
  const ask = (device: KnownDevice, name: string) => attributes.get(`${device.devpath} ${name}`);
  const removed = records
    .flatMap(({ bytes, groups }) => (groups === 1 ? [kernel(bytes)] : []))
    .filter(({ action }) => action === "remove")
    .map(({ devpath }) => devpath);
  const derived = new Map<bigint, ReadonlyMap<string, string>>();
  for (const { bytes, groups } of records) {
    if (groups === 1) {
      const event = kernel(bytes);
      const before = registry.tree.get(event.devpath);
      apply(registry, bytes);
      const device = registry.tree.get(event.devpath) ?? before;
      if (device && event.seqnum !== undefined) derived.set(event.seqnum, ours(bytes, derive(device, ask)));
    } else {
      const message = udev(bytes);
      const found = derived.get(message.seqnum);
      if (found) yield { file, message, derived: found, goes: isBelow(message.devpath, removed) };
    }
  }
}

/** Our message for an event, as its readers decode it. */
function ours(bytes: Uint8Array, known: UdevRecord): ReadonlyMap<string, string> {
  return udev(udevBytes(kernel(bytes), { ...known, initialized: 1n }, 1) ?? new Uint8Array()).env;
}

function isBelow(devpath: string, paths: readonly string[]): boolean {
  return paths.some((path) => devpath === path || devpath.startsWith(`${path}/`));
}

/** Attributes, which no event carries, as udevd's properties have them. */
function attributesSaidIn(messages: readonly UdevMessage[]): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const { devpath, env } of messages) {
    const set = (at: string, name: string, value: string | undefined) =>
      value !== undefined && attributes.set(`${at} ${name}`, value);
    if (env.get("DEVTYPE") === "usb_device") {
      set(devpath, "manufacturer", decoded(env.get("ID_VENDOR_ENC")));
      set(devpath, "product", decoded(env.get("ID_MODEL_ENC")));
      set(devpath, "serial", env.get("ID_SERIAL_SHORT"));
    }
    const [unit] = /^.*\/target\d+:\d+:\d+\/[\d:]+(?=\/block\/[^/]+$)/.exec(devpath) ?? [];
    if (unit !== undefined) {
      set(unit, "vendor", decoded(env.get("ID_VENDOR_ENC")));
      set(unit, "model", decoded(env.get("ID_MODEL_ENC")));
      set(unit, "rev", env.get("ID_REVISION"));
    }
    const port = env.get(".ID_PORT");
    if (port !== undefined) set(devpath.replace(/\/tty\/[^/]+$/, ""), "port_number", port);
    const [, name] = /^\/dev\/virtio-ports\/(.*)$/.exec(env.get("DEVLINKS") ?? "") ?? [];
    set(devpath, "name", name);
  }
  return attributes;
}

function decoded(text: string | undefined): string | undefined {
  return text?.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function kernel(bytes: Uint8Array) {
  const event = decode(bytes);
  if (isMalformed(event)) throw new Error(event.malformed);
  return event;
}

function udev(bytes: Uint8Array): UdevMessage {
  const message = decodeUdev(bytes);
  if (isMalformed(message)) throw new Error(message.malformed);
  return message;
}

function apply(registry: Registry, bytes: Uint8Array): void {
  registry.apply(kernel(bytes));
}

/** Nothing but events is known. */
function noSysfs(): DeviceTree {
  return {
    enumerate: async () => [],
    read: () => undefined,
    incarnation: () => undefined,
    isSubsystem: (name) => name !== "queues",
    attribute: async () => undefined,
    udev: () => undefined,
    close: () => {},
  };
}
