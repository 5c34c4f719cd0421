import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { Batch, Kernel } from "@uevent-bridge/kernel";
import { expect, test } from "vitest";

const DISK = { subsystem: "block", properties: { MAJOR: "7", MINOR: "77", DEVNAME: "loop77", DEVTYPE: "disk" } };
const LOOP = "/devices/virtual/block/loop77";

/** Opens a resumed source that notes each datagram, NULs as blanks, and `overrun`. */
function heard(kernel: Pick<Kernel, "openSource">): string[] {
  const lines: string[] = [];
  const onBatch = (batch: Batch): void => {
    if (batch.overrun) lines.push("overrun");
    for (let i = 0; i < batch.count; i++) lines.push(text(batch.slab.subarray(batch.starts[i], batch.ends[i])));
  };
  kernel.openSource({ group: "kernel", onBatch }).resume();
  return lines;
}

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? [])
    .toString("latin1")
    .replaceAll("\0", " ");
}

test("a plugged device is said in the kernel's words", async () => {
  const fake = new FakeKernel();
  const lines = heard(fake);
  fake.plug(LOOP, DISK);
  await fake.idle();
  const says = `ACTION=add DEVPATH=${LOOP} SUBSYSTEM=block MAJOR=7 MINOR=77 DEVNAME=loop77 DEVTYPE=disk SEQNUM=1 `;
  expect(lines).toEqual([`add@${LOOP} ${says}`]);
});
