import { describe, expect, it } from "vitest";

import { decodeUdev, encodeUdev, isMalformed } from "@uevent-bridge/uevent";

import { corpus } from "./corpus.js";

describe("the recorded datagrams of udevd", () => {
  it("are all accepted and encode back byte for byte", () => {
    const wrong: unknown[] = [];
    for (const { bytes } of corpus("udev")) {
      const message = decodeUdev(bytes);
      if (isMalformed(message)) wrong.push(message);
      else expect(Buffer.compare(encodeUdev(message.properties), bytes)).toBe(0);
    }
    expect(wrong).toEqual([]);
  });
});
