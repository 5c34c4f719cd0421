import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { Message } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { disk, openScene } from "./scene.js";

const LOOP2 = "/devices/virtual/block/loop2";

/** What a stream has said so far, as `ACTION@DEVPATH`. */
function record(stream: AsyncIterable<Message>): string[] {
  const heard: string[] = [];
  void (async () => {
    for await (const message of stream)
      heard.push(message.kind === "event" ? `${message.action}@${message.devpath}` : message.kind);
  })();
  return heard;
}

test("a monitor with rules has the add of a device that was found in /sys before", async () => {
  const kernel = new FakeKernel();
  kernel.during("enumerate", () => kernel.plug(LOOP2, disk(2)));
  await using relay = await openRelay({ kernel, runtimeDir: "/run/bridge" });
  const heard = record(relay.monitor({ rules: ["subsystem=block"] }));
  await kernel.idle();
  expect(heard).toEqual([`add@${LOOP2}`]);
});

test("a monitor whose rules ask for an attribute has the event once it is known", async () => {
  await using scene = await openScene();
  const heard = record(scene.relay.monitor({ rules: ["attr:size=8"] }));
  await scene.rest();
  scene.kernel.plug(LOOP2, { ...disk(2), attributes: { size: "8" } });
  await scene.rest();
  expect(heard).toEqual([`add@${LOOP2}`]);
});

test("a monitor hears nothing of what a container's own kernel says of its net devices", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  await scene.attach({ pid: own.pid, allow: ["subsystem=net"] });
  const heard = record(scene.relay.monitor());
  scene.kernel.plug("/devices/virtual/net/veth0", { subsystem: "net", netns: own });
  scene.kernel.plug(LOOP2, disk(2));
  await scene.rest();
  expect(heard).toEqual([`add@${LOOP2}`]);
});
