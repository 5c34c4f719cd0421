import { describe, expect, it } from "vitest";

import { type KernelUevent, check, decode, encodeEvent, isMalformed } from "@uevent-bridge/uevent";

import { corpus } from "./corpus.js";

export function accepted(bytes: Uint8Array): KernelUevent {
  const event = decode(bytes);
  if (isMalformed(event)) throw new Error(event.malformed);
  return event;
}

describe("the recorded datagrams of the kernel", () => {
  const datagrams = corpus("kernel").map(({ bytes }) => bytes);

  it("are all accepted", () => {
    for (const bytes of datagrams) expect(check(accepted(bytes))).toBeUndefined();
  });

  it("encode back byte for byte", () => {
    for (const bytes of datagrams) {
      const event = accepted(bytes);
      const again = encodeEvent(event.action, event.devpath, event.subsystem, event.state, event.seqnum);
      expect(Buffer.compare(again, bytes)).toBe(0);
    }
  });
});
