import type { UeventGroup } from "@uevent-bridge/kernel";
import { decode, isMalformed } from "@uevent-bridge/uevent";

import type { Datagram } from "../datagram.js";
import { payload } from "../datagram.js";
import type { KnownDevice } from "../known-device.js";
import type { UdevDatabase } from "../udev/database.js";
import type { UdevDesk } from "../udev/desk.js";
import { udevBytes } from "../udev/message.js";

const UDEV_HEADER = 40; // bytes

/** How those who listen to a uevent group want to be told. */
export interface Form {
  readonly group: UeventGroup;
  /** Resolves when what is said beside the event is known; undefined if it is. `device`: undefined for an object that is none. */
  readonly prepare?: (datagram: Datagram, device: KnownDevice | undefined) => Promise<void> | undefined;
  /** The bytes to be said; undefined if nobody would take them. */
  readonly bytes: (datagram: Datagram, device: KnownDevice | undefined) => Uint8Array | undefined;
  /** False: the container's own kernel tells them of the net devices of its namespace. */
  readonly tellsNet: boolean;
}

/** As the kernel says it. It appends a SEQNUM of its own. */
export function kernelForm(): Form {
  return { group: "kernel", bytes: (datagram) => payload(datagram).slice(), tellsNet: false };
}

/** As udevd says it, with its properties and with SEQNUMs that count what was said here. */
export function udevForm({ desk, database }: UdevParts): Form {
  let seqnum = 0;
  return {
    group: "udev",
    tellsNet: true,
    prepare: (datagram, device) => device && desk.prepare(device, datagram.event?.seqnum),
    bytes(datagram, device) {
      const event = decode(payload(datagram));
      if (isMalformed(event)) return undefined;
      const entry = device && desk.entry(device);
      if (device && entry) database?.follow(event, device, entry);
      return udevBytes(event, entry, ++seqnum);
    },
  };
}

/** The same without a header. */
export function libudevZeroForm({ desk }: UdevParts): Form {
  const form = udevForm({ desk, database: undefined }); // one of them keeps it
  const bytes: Form["bytes"] = (datagram, device) => form.bytes(datagram, device)?.subarray(UDEV_HEADER);
  return { ...form, group: "libudev-zero", bytes };
}

/** What is known beside the events, and where a container's programs look it up. */
export interface UdevParts {
  readonly desk: UdevDesk;
  readonly database: UdevDatabase | undefined;
}
