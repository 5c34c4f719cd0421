import type { SourceOptions } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { openRelay } from "@uevent-bridge/relay";
import { encode } from "@uevent-bridge/uevent";
import { expect, test, vi } from "vitest";

import { LOOP0, disk } from "./scene.js";

test("what is left of the batch before in the same memory is not heard again", async () => {
  const kernel = new FakeKernel();
  kernel.plug(LOOP0, disk(0));
  const opened: SourceOptions[] = [];
  const openSource = kernel.openSource.bind(kernel);
  vi.spyOn(kernel, "openSource").mockImplementation((options) => (opened.push(options), openSource(options)));
  await using relay = await openRelay({ kernel, runtimeDir: "/run/bridge" });
  const box = await relay.attach({ name: "box", allow: [LOOP0], deliver: { socket: true } });
  const told: string[] = [];
  box.on("forwarded", ({ action }) => told.push(action));
  const slab = encode({ action: "remove", devpath: LOOP0, subsystem: "block", properties: [], seqnum: 9 });
  const left = { slab, starts: [0], ends: [slab.length], portIds: [0], groups: [1], pids: [0], uids: [0] };
  opened[0]?.onBatch({ ...left, count: 0, overrun: false, drained: true } as never);
  kernel.overrun();
  await kernel.idle();
  await relay.settle();
  expect([told, (await box.devices()).map(({ devpath }) => devpath)]).toEqual([[], [LOOP0]]);
});
