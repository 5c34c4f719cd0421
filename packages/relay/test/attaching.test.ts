import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { KernelError } from "@uevent-bridge/kernel";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test, vi } from "vitest";

import { LOOP0, openScene } from "./scene.js";

const VIEW = { deliver: { socket: true }, dev: "auto" } as const;

test("an attach that was aborted before says so, whatever else is wrong with it", async () => {
  await using scene = await openScene();
  const signal = AbortSignal.abort();
  await expect(scene.attach({ allow: ["nonsense=1"], signal })).rejects.toBe(signal.reason);
});

test("an attach that is aborted while its network namespace is entered asks nothing more", async () => {
  await using scene = await openScene();
  const { pid } = scene.kernel.container();
  const stop = new AbortController();
  const hung = scene.kernel.hang(LOOP0, "size");
  scene.kernel.during("enumerate", () => stop.abort());
  const attaching = scene.attach({ pid, allow: ["attr:size=8"], signal: stop.signal });
  await expect(attaching).rejects.toMatchObject({ name: "AbortError" });
  expect([hung.waiting, hung.gaveUp]).toEqual([0, false]);
});

test.each(["its rules are put into force", "its devices are placed"])(
  "an attach that is aborted while %s leaves nothing, and tells nobody anything",
  async (when) => {
    await using scene = await openScene();
    const container = scene.kernel.container();
    const listener = scene.listen();
    const stop = new AbortController();
    const [placed, hung] = [vi.fn(), scene.kernel.hang(LOOP0, "size")];
    const isPlacing = when === "its devices are placed";
    scene.kernel.during("placeDevices", () => (placed(), stop.abort()));
    const allow = isPlacing ? [LOOP0] : ["attr:size=8"];
    const attaching = scene.attach({ ...VIEW, pid: container.pid, allow, signal: stop.signal });
    const failed = expect(attaching).rejects.toMatchObject({ name: "AbortError" });
    await scene.kernel.idle();
    if (!isPlacing) stop.abort();
    hung.release();
    await failed;
    await scene.rest();
    expect(placed).toHaveBeenCalledTimes(isPlacing ? 1 : 0);
    expect([container.dev, scene.kernel.deviceDirectory("/run/bridge/.dev/box"), listener.readAll()]).toEqual([
      undefined,
      undefined,
      [],
    ]);
  },
);

test("an attach of which a part cannot be had leaves none of the others", async () => {
  await using scene = await openScene();
  const { opened } = scene.kernel;
  await expect(scene.attach({ ...VIEW, cgroup: "/nowhere" })).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
  expect([scene.kernel.opened, scene.kernel.hasDirectory("/run/bridge/box")]).toEqual([opened, false]);
});

test("a container may be detached as soon as it is said to be there, and its signal does not keep it", async () => {
  await using scene = await openScene();
  const stop = new AbortController();
  const [heard, left] = [vi.spyOn(stop.signal, "addEventListener"), vi.spyOn(stop.signal, "removeEventListener")];
  scene.relay.on("attached", (box) => void box.detach());
  await scene.attach({ signal: stop.signal });
  expect(heard).toHaveBeenCalledTimes(1);
  expect(left).toHaveBeenCalledWith("abort", heard.mock.calls[0]?.[1]);
});

test("a relay that cannot be opened leaves nothing open, and one that is closed no signal", async () => {
  const kernel = new FakeKernel();
  kernel.fail("enumerate", new KernelError("NO_PRIVILEGE", "no", "none"));
  await expect(openRelay({ kernel, runtimeDir: "/run" })).rejects.toMatchObject({ code: "NO_PRIVILEGE" });
  expect(kernel.opened).toBe(0);
  const { signal } = new AbortController();
  const [heard, left] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
  await (await openRelay({ kernel, runtimeDir: "/run", signal })).close();
  expect(left).toHaveBeenCalledWith("abort", heard.mock.calls[0]?.[1]);
});

test("without a directory for what it keeps, a relay remembers nothing of what the one before told", async () => {
  const kernel = new FakeKernel();
  kernel.plug(LOOP0, { subsystem: "block" });
  const listener = kernel.directory("/run/box").bind("a.sock", { queue: 100 });
  for (let times = 1; times <= 2; times++) {
    const relay = await openRelay({ kernel, runtimeDir: "/run" });
    await relay.attach({ name: "box", allow: [LOOP0], deliver: { socket: "/run/box" } });
    await relay.settle();
    expect(listener.readAll()).toHaveLength(1);
    kernel.kill();
  }
});
