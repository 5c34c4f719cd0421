import type { RawDevice } from "@uevent-bridge/kernel";

// `struct device_header` of native/core/device.h
const HEADER_SIZE = 24; // bytes

/** Devices as C packs them: a header, the device path, the subsystem, the uevent file. */
export function decodeDevices(packed: Uint8Array): RawDevice[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const devices: RawDevice[] = [];
  for (let at = 0; at < bytes.length;) {
    const [devpath, subsystem, uevent, end] = fieldEnds(bytes, at);
    devices.push({
      devpath: bytes.toString("latin1", at + HEADER_SIZE, devpath),
      subsystem: bytes.toString("latin1", devpath, subsystem),
      uevent: new Uint8Array(bytes.subarray(subsystem, uevent)), // a copy: not all of a machine's for one that is kept
      incarnation: bytes.readBigUInt64LE(at).toString(),
    });
    at = end;
  }
  return devices;
}

function fieldEnds(bytes: Buffer, at: number): [devpath: number, subsystem: number, uevent: number, end: number] {
  const devpath = at + HEADER_SIZE + bytes.readUInt32LE(at + 8);
  const subsystem = devpath + bytes.readUInt32LE(at + 12);
  const uevent = subsystem + bytes.readUInt32LE(at + 16);
  return [devpath, subsystem, uevent, uevent];
}
