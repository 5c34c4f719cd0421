import { expect, it } from "vitest";

import {
  INJECTION_BYTES,
  KERNEL_DATAGRAM_BYTES,
  KERNEL_ENV_BYTES,
  KERNEL_HEADER_BYTES,
  UDEV_DATAGRAM_BYTES,
  check,
  decode,
  encode,
} from "@uevent-bridge/uevent";

import { good } from "./bytes.js";
import { corpus } from "./corpus.js";

it("the bounds are those of the kernel and of libudev, in bytes", () => {
  expect([KERNEL_ENV_BYTES, KERNEL_HEADER_BYTES, KERNEL_DATAGRAM_BYTES]).toEqual([2048, 2033, 4081]);
  expect([INJECTION_BYTES, UDEV_DATAGRAM_BYTES]).toEqual([2004, 8192]);
});

it("the longest event that fits into the kernel's buffer is accepted, a longer one is not", () => {
  const eventWith = (devpathLength: number) => {
    const devpath = `/${"d".repeat(devpathLength - 1)}`;
    return good(decode(encode({ action: "add", devpath, subsystem: "s", properties: "" })));
  };
  const longest = KERNEL_ENV_BYTES - "ACTION=add\0DEVPATH=\0SUBSYSTEM=s\0".length;
  expect(check(eventWith(longest))).toBeUndefined();
  expect(check(eventWith(longest + 1))).toMatchObject({ malformed: "too-long" });
});

it("all recorded datagrams are within them", () => {
  expect(Math.max(...corpus("kernel").map(({ length }) => length))).toBeLessThan(KERNEL_DATAGRAM_BYTES);
  expect(Math.max(...corpus("udev").map(({ length }) => length))).toBeLessThan(UDEV_DATAGRAM_BYTES);
});
