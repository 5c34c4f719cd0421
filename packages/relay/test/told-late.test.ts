import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { temporaryDirectory } from "../../../test/real/temporary.js";
import { LOOP0, disk, latin1 } from "./scene.js";

test("what was said of a device before it changed once more is not taken for what it is now", async () => {
  using place = temporaryDirectory();
  const kernel = new FakeKernel();
  kernel.plug(LOOP0, disk(0));
  const listener = kernel.directory("/run/box").bind("a.sock", { queue: 2 });
  const start = async () => {
    const relay = await openRelay({ kernel, runtimeDir: "/run", stateDir: place.path });
    await relay.attach({ name: "box", allow: [LOOP0], deliver: { socket: "/run/box" } });
    await kernel.idle();
    return relay;
  };
  await start();
  kernel.change(LOOP0, { extras: { FIRST: "1" } }); // the second, and the last for which there is room
  kernel.change(LOOP0, { properties: { MOOD: "good" } });
  await kernel.idle();
  kernel.kill();
  expect(listener.readAll()).toHaveLength(2);
  await using _ = await start();
  expect(latin1(listener.read() ?? new Uint8Array())).toContain("MOOD=good");
});
