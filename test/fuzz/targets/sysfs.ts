import assert from "node:assert/strict";
import { decode, encodeEvent, isMalformed, stateFromUeventFile, toUevent } from "@uevent-bridge/uevent";
import { udevId } from "@uevent-bridge/kernel";
import { decodeDevices } from "../../../packages/linux/src/device-record.js";
import { isAttributeName, relativeDevpath } from "../../../packages/linux/src/devpath.js";
import { listensOnControl, parseUdevRecord, recordName } from "../../../packages/linux/src/udev.js";
import { Bits } from "../../../packages/relay/src/udev/capabilities.js";
import { bytesOf, holds, text } from "../engine/target.js";
import { main } from "../engine/watch.js";

/** A device's `uevent` file becomes the pairs that the kernel would send. */
function ueventFile(bytes: Uint8Array): void {
  const state = stateFromUeventFile(bytes);
  holds(state.length <= bytes.length + 1, "it says more than the file");
  const datagram = encodeEvent("add", "/devices/a", "b", state, 1n);
  const event = toUevent(datagram);
  if (isMalformed(event)) return holds(event.malformed === "too-long", `no event comes of it: ${event.malformed}`);
  const decoded = decode(datagram);
  holds(
    !isMalformed(decoded) && decoded.state === state && decoded.devpath === "/devices/a",
    "it changes what the event says",
  );
}

/** As native/core/device.c writes them. */
function packed(devices: readonly (readonly [string, string, string])[]): Uint8Array {
  return Buffer.concat(
    devices.map(([devpath, subsystem, uevent], i) => {
      const header = Buffer.alloc(24);
      header.writeBigUInt64LE(BigInt(i));
      [devpath, subsystem, uevent].forEach((part, j) => header.writeUInt32LE(part.length, 8 + 4 * j));
      return Buffer.concat([header, Buffer.from(devpath + subsystem + uevent, "latin1")]);
    }),
  );
}

function devices(bytes: Uint8Array): void {
  const parts = text(bytes).split("\0");
  const given = Array.from({ length: Math.ceil(parts.length / 3) }, (_, i) => {
    const [devpath = "", subsystem = "", uevent = ""] = parts.slice(i * 3);
    return [devpath, subsystem, uevent] as const;
  });
  const found = decodeDevices(packed(given));
  assert.deepEqual(
    found.map(({ devpath, subsystem, uevent }) => [devpath, subsystem, text(uevent)]),
    given,
  );
  for (const device of found) {
    const name = recordName(device);
    assert.equal(
      name,
      udevId(device, (key) => valueIn(device.uevent, key)),
    );
    const relative = relativeDevpath(device.devpath);
    holds(relative === undefined || leadsDown(relative), `${device.devpath} leads out of /sys`);
    holds(
      !isAttributeName(device.subsystem) || leadsDown(device.subsystem),
      `${device.subsystem} leads out of its device`,
    );
  }
}

/** The first line of a key. */
function valueIn(uevent: Uint8Array, key: string): string | undefined {
  return `\n${text(uevent)}\n`.split(`\n${key}=`)[1]?.split("\n")[0];
}

function leadsDown(path: string): boolean {
  return path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !part.includes("\0"));
}

function database(bytes: Uint8Array): void {
  const lines = text(bytes).split("\n");
  const { properties, links, tags, priority = 1 } = parseUdevRecord(text(bytes));
  holds(properties.size + links.length + tags.length <= lines.length, "it says more than the file");
  holds(Number.isSafeInteger(priority) && priority !== 0, "a priority is none");
  holds(
    links.every((link) => link.startsWith("/dev/")),
    "a link is elsewhere",
  );
  listensOnControl(text(bytes));
  const bits = new Bits(text(bytes));
  holds(bits.count(0, 128) <= 128 && bits.hasAny(0, 128) === bits.count(0, 128) > 0, "bits are counted in two ways");
}

const KINDS = [ueventFile, devices, database];

main({
  run(bytes) {
    KINDS[(bytes[0] ?? 0) % KINDS.length]?.(bytes.subarray(1));
  },
  seeds: () =>
    [
      "\0MAJOR=7\nMINOR=0\nDEVNAME=loop0\nDEVTYPE=disk\n",
      "\0MODALIAS=cpu:type:x\nx=1\nSEQNUM=1\n\nMODALIAS=y\n",
      `\0X=${"x".repeat(2048)}\n`,
      "\x01/devices/virtual/block/loop0\0block\0MAJOR=7\nMINOR=0\n\0/devices/a/net/lo\0net\0IFINDEX=1\n",
      "\x01/devices/../a\0..\0MAJOR=1\nMINOR=2",
      "\x02S:disk/by-id/x\nL:-10\nE:ID_X=1=2\nG:seat\nQ:uaccess\nI:1\nV:1\n",
      "\x02Num RefCount Protocol Flags Type St Inode Path\n0: 00000002 00000000 00010000 0005 01 1 /run/udev/control\n",
      "\x02120013 10000 0 e0b0ffdf01cfffff\n",
    ].map(bytesOf),
});
