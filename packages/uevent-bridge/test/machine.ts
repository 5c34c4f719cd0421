import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { FakeKernelOptions } from "@uevent-bridge/kernel/testing";

export const LOOP0 = "/devices/virtual/block/loop0";
export const LOOP1 = "/devices/virtual/block/loop1";

/** A machine with two loop devices and a terminal. */
export function smallMachine(options?: FakeKernelOptions): FakeKernel {
  const kernel = new FakeKernel(options);
  for (const [i, devpath] of [LOOP0, LOOP1].entries()) {
    const properties = { MAJOR: "7", MINOR: `${i}`, DEVNAME: `loop${i}`, DEVTYPE: "disk" };
    kernel.plug(devpath, { subsystem: "block", properties });
  }
  kernel.plug("/devices/virtual/tty/tty1", { subsystem: "tty", properties: { DEVNAME: "tty1" } });
  return kernel;
}
