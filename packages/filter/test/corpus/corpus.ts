import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { toText } from "@uevent-bridge/uevent";
import { readRecords } from "@uevent-bridge/uevent/testing";

import { attributesOf } from "./attributes.js";
import { TestDevice } from "./test-device.js";

const FOLDER = fileURLToPath(new URL("../../../../test/corpus/", import.meta.url));
const UDEV_HEADER_BYTES = 40;
const UDEV_GROUP = 2;
const MACHINES = ["host", "guest", "guestudev"];

/** Every device of the recorded machines, as it was when it was last heard of before its end. */
export function recordedDevices(files = /^/): TestDevice[] {
  const recordings = readdirSync(FOLDER).filter((name) => name.endsWith(".bin") && files.test(name));
  return MACHINES.flatMap((machine) => {
    const said = new Map<string, Map<string, string>>();
    for (const file of recordings.filter((name) => name.startsWith(`${machine}-`))) hear(`${FOLDER}${file}`, said);
    return plant(said);
  });
}

/** What a file says, by devpath: the kernel's word stands before udev's. */
function hear(file: string, said: Map<string, Map<string, string>>): void {
  for (const { bytes, groups } of readRecords(readFileSync(file))) {
    const pairs = pairsOf(bytes, groups === UDEV_GROUP ? UDEV_HEADER_BYTES : 0);
    const devpath = pairs.get("DEVPATH") ?? "";
    if (pairs.get("ACTION") === "remove" || !devpath.startsWith("/devices/")) continue;
    const before = said.get(devpath) ?? new Map<string, string>();
    said.set(devpath, new Map(groups === UDEV_GROUP ? [...pairs, ...before] : [...before, ...pairs]));
  }
}

function pairsOf(bytes: Uint8Array, start: number): Map<string, string> {
  const lines = Buffer.from(bytes).toString("latin1", start).split("\0");
  const pairs = lines.filter((line) => line.includes("=")).map((line) => line.split(/=(.*)/s).map(toText));
  return new Map(pairs.map(([key = "", value = ""]) => [key, value]));
}

function plant(said: ReadonlyMap<string, ReadonlyMap<string, string>>): TestDevice[] {
  const devices = new Map<string, TestDevice>();
  for (const devpath of [...said.keys()].toSorted()) {
    const properties = said.get(devpath) ?? new Map<string, string>();
    const device = new TestDevice(devpath, properties.get("SUBSYSTEM") ?? "", {
      properties,
      links: properties.get("DEVLINKS")?.split(" ") ?? [],
      tags: properties.get("TAGS")?.split(":").filter(Boolean) ?? [],
    });
    devices.set(devpath, Object.assign(device, { attributes: attributesOf(device), parent: above(devpath, devices) }));
  }
  return [...devices.values()];
}

function above(devpath: string, devices: ReadonlyMap<string, TestDevice>): TestDevice | undefined {
  for (let end = devpath.lastIndexOf("/"); end > 0; end = devpath.lastIndexOf("/", end - 1)) {
    const parent = devices.get(devpath.slice(0, end));
    if (parent !== undefined) return parent;
  }
  return undefined;
}
