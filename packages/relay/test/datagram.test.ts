import { decode, isMalformed } from "@uevent-bridge/uevent";
import { expect, test } from "vitest";

import { copied, ofKernel, withOtherAction, withOtherName } from "../src/datagram.js";

const bytes = new TextEncoder().encode(
  "add@/devices/a\0ACTION=add\0DEVPATH=/devices/a\0SUBSYSTEM=misc\0DEVNAME=a\0SEQNUM=7\0",
);

test("said in other words, or kept, it is still of the kernel's event, whose number udevd answers with", () => {
  const event = decode(bytes);
  if (isMalformed(event)) throw new Error(event.malformed);
  const datagram = ofKernel(bytes, 0, bytes.length, event);
  for (const other of [withOtherAction(datagram, "change"), withOtherName(datagram, "b"), copied(datagram)])
    expect(other.event?.seqnum).toBe(7n);
});
