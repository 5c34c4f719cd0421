import type { UeventGroup } from "@uevent-bridge/kernel";
import { decode, isMalformed } from "@uevent-bridge/uevent";

import type { Datagram } from "../datagram.js";
import { payload } from "../datagram.js";
import type { KnownDevice } from "../known-device.js";
import type { UdevDesk } from "../udev/desk.js";
import { udevBytes } from "../udev/message.js";

const UDEV_HEADER = 40; // bytes

/** How those who listen to a uevent group want to be told. */
export interface Form {
  readonly group: UeventGroup;
  /** Resolves when what is said beside the event is known; undefined if it is. `device`: undefined for an object that is none. */
  readonly prepare?: (datagram: Datagram, device: KnownDevice | undefined) => Promise<void> | undefined;
  /** The bytes to be said, with the number of this event where the form has one; undefined if nobody would take them. */
  readonly bytes: (datagram: Datagram, device: KnownDevice | undefined, seqnum: number) => Uint8Array | undefined;
  /** False: the container's own kernel tells them of the net devices of its namespace. */
  readonly tellsNet: boolean;
}

/** Of those who want udev's properties. */
export type UdevForm = Form & Required<Pick<Form, "prepare">>;

/** As the kernel says it. It appends a SEQNUM of its own. */
export function kernelForm(): Form {
  return { group: "kernel", bytes: (datagram) => payload(datagram).slice(), tellsNet: false };
}

/** As udevd says it, with its properties. */
export function udevForm(desk: UdevDesk): UdevForm {
  return {
    group: "udev",
    tellsNet: true,
    prepare: (datagram, device) => device && desk.prepare(device, datagram.event?.seqnum),
    bytes(datagram, device, seqnum) {
      const event = decode(payload(datagram));
      return isMalformed(event) ? undefined : udevBytes(event, device && desk.entry(device), seqnum);
    },
  };
}

/** The same without a header. */
export function libudevZeroForm(desk: UdevDesk): UdevForm {
  const form = udevForm(desk);
  const bytes: Form["bytes"] = (...said) => form.bytes(...said)?.subarray(UDEV_HEADER);
  return { ...form, group: "libudev-zero", bytes };
}
