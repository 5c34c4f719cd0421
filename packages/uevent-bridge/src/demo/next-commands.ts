import { relative } from "node:path";

import type { Device } from "@uevent-bridge/relay";

import type { Io } from "../command/io.js";
import { openRelayFor } from "../command/relay.js";

/** Three commands to go on with, filled in with a device of this machine. */
export async function nextCommands(io: Io): Promise<string[]> {
  const command = commandOf(io.self);
  const device = mostTelling(await devicesOfThisMachine(io));
  if (!device) return [`${command} doctor`]; // first see why none can be listed
  const path = quoted(device.devpath);
  return [
    `${command} match --allow ${path}`,
    `${command} monitor subsystem=${quoted(device.subsystem)}`,
    `${command} attach box --allow ${path} --socket /tmp/box`,
  ];
}

async function devicesOfThisMachine(io: Io): Promise<Device[]> {
  try {
    await using relay = await openRelayFor(io);
    return await relay.devices();
  } catch {
    return []; // recorded datagrams are shown where nothing else works
  }
}

/** What people know of their machine comes first. */
const TELLING: readonly ((device: Device) => boolean)[] = [
  ({ devtype, devname }) => devtype === "usb_device" && devname !== undefined,
  ({ subsystem, devtype, devpath }) => subsystem === "block" && devtype === "disk" && !devpath.includes("/virtual/"),
  ({ subsystem, devname }) => subsystem === "input" && devname !== undefined,
  ({ subsystem }) => subsystem === "block",
  ({ devname }) => devname !== undefined,
];

function mostTelling(devices: readonly Device[]): Device | undefined {
  for (const is of TELLING) {
    const found = devices.find((device) => is(device));
    if (found) return found;
  }
  return devices[0];
}

/** How this command was started, as one would type it again. */
function commandOf([, program = "uevent-bridge"]: readonly string[]): string {
  if (program.includes("/node_modules/.bin/")) return "npx uevent-bridge";
  return program.endsWith(".js") ? `node ${quoted(relative(process.cwd(), program))}` : "uevent-bridge";
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
