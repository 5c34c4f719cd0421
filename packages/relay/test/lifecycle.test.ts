import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test, vi } from "vitest";

import { LOOP0, disk, headers, openScene } from "./scene.js";

test("after close nothing is held: no handle, no directory, and every call says that it is closed", async () => {
  const scene = await openScene();
  const container = scene.kernel.container();
  const box = await scene.attach({ pid: container.pid, allow: [LOOP0], deliver: { socket: true, netlink: "kernel" } });
  const detached = new Promise((resolve) => void box.once("detached", resolve));
  await scene.relay.close();
  await scene.relay.close();
  expect(await detached).toBe("closed");
  expect(scene.kernel.holdsProcess).toBe(false);
  expect(scene.kernel.hasDirectory("/run/bridge/box")).toBe(false);
  await expect(box.allow(LOOP0)).rejects.toMatchObject({ code: "CLOSED", message: "the relay is closed" });
  await expect(scene.relay.attach({ name: "x" })).rejects.toMatchObject({ code: "CLOSED" });
});

test("the end of the container's process detaches it and frees its name", async () => {
  await using scene = await openScene();
  const container = scene.kernel.container();
  const box = await scene.attach({ pid: container.pid, allow: [LOOP0] });
  const detached = new Promise((resolve) => void box.once("detached", resolve));
  container.end();
  expect(await detached).toBe("ended");
  expect(await scene.relay.list()).toEqual([]);
  await scene.attach();
});

test("a container that has not started is told by socket at once and by netlink once it has joined", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0], deliver: { socket: true, netlink: "auto" } });
  const choice = () => box.delivery.find(({ channel }) => channel === "netlink")?.choice;
  expect(choice()).toBe("off");
  const container = scene.kernel.container();
  const reader = container.reader();
  await box.join({ pid: container.pid });
  await scene.kernel.idle();
  expect(choice()).toBe("both");
  expect(headers(reader.readAll())).toEqual([`add@${LOOP0}`]);
  await expect(box.join({ pid: container.pid })).rejects.toMatchObject({ code: "NAME_TAKEN" });
});

test("a join that is refused leaves it as it was", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0], deliver: { netlink: "kernel" } });
  const shares = scene.kernel.container({ userns: "initial", netns: "initial" });
  await expect(box.join({ pid: shares.pid })).rejects.toMatchObject({ code: "TARGET_SHARES_HOST" });
  const own = scene.kernel.container();
  await box.join({ pid: own.pid });
  expect(box.delivery.at(-1)).toMatchObject({ channel: "netlink", choice: "kernel" });
});

test.each(["", "../x", "a/b", ".hidden", "x".repeat(65), 7 as unknown as string])("%j is no name", async (name) => {
  await using scene = await openScene();
  await expect(scene.relay.attach({ name })).rejects.toMatchObject({ code: "NAME_INVALID" });
});

test("a name is taken once, also while it is being attached", async () => {
  await using scene = await openScene();
  const first = scene.attach();
  await expect(scene.attach()).rejects.toMatchObject({ code: "NAME_TAKEN" });
  await (await first).detach();
  await scene.attach();
});

test("netlink is refused where the programs hear the host already, and auto says why it is off", async () => {
  await using scene = await openScene();
  const { pid } = scene.kernel.container({ userns: "initial", netns: "initial" });
  await expect(scene.attach({ pid, deliver: { netlink: "kernel" } })).rejects.toMatchObject({
    code: "TARGET_SHARES_HOST",
  });
  const box = await scene.attach({ pid, deliver: { netlink: "auto" } });
  expect(box.delivery.at(-1)).toMatchObject({
    channel: "netlink",
    choice: "off",
    reason: expect.stringContaining("initial user namespace") as string,
  });
});

test.each([
  ["its root's", "root", 0, 5000],
  ["the relay's", "somebody else, who can give nothing away", 1000, 1000],
])(
  "the directory in which a container's programs listen is %s where the relay is run by %s",
  async (_, _who, us, owner) => {
    await using scene = await openScene();
    const opened = vi.spyOn(scene.kernel, "openDirectory");
    const stubs = [vi.spyOn(process, "getuid").mockReturnValue(us), vi.spyOn(process, "getgid").mockReturnValue(us)];
    await scene.attach({ pid: scene.kernel.container({ uidBase: 5000 }).pid });
    for (const stub of stubs) stub.mockRestore();
    expect(opened).toHaveBeenCalledWith("/run/bridge/box", { uid: owner, gid: owner });
  },
);

test("a failed attach leaves nothing behind", async () => {
  await using scene = await openScene();
  await expect(scene.attach({ pid: 4711 })).rejects.toMatchObject({ code: "TARGET_GONE" });
  await expect(scene.attach({ allow: ["nonsense=1"] })).rejects.toMatchObject({ code: "RULE_UNKNOWN_TERM" });
  expect(scene.kernel.hasDirectory("/run/bridge/box")).toBe(false);
  await scene.attach();
});

test("abort detaches a container, and closes a relay", async () => {
  const kernel = new FakeKernel();
  const [stop, stopAll] = [new AbortController(), new AbortController()];
  const relay = await openRelay({ kernel, runtimeDir: "/run", signal: stopAll.signal });
  const box = await relay.attach({ name: "box", signal: stop.signal });
  const detached = new Promise((resolve) => void box.once("detached", resolve));
  stop.abort();
  expect(await detached).toBe("asked");
  const closed = new Promise<void>((resolve) => void relay.once("closed", resolve));
  stopAll.abort();
  await closed;
});

test("settle may be called from within an event", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0] });
  const settled = new Promise<void>(
    (resolve, reject) => void box.once("forwarded", () => void box.settle().then(resolve, reject)),
  );
  scene.kernel.change(LOOP0);
  await scene.kernel.idle();
  await settled;
});

test("unref lets the process end, also with what is attached later", async () => {
  await using scene = await openScene();
  expect(scene.kernel.holdsProcess).toBe(true);
  scene.relay.unref();
  await scene.attach();
  expect(scene.kernel.holdsProcess).toBe(false);
  scene.relay.ref();
  expect(scene.kernel.holdsProcess).toBe(true);
});

test("what comes while a container is being attached is told once it is", async () => {
  await using scene = await openScene();
  const loop2 = "/devices/virtual/block/loop2";
  scene.kernel.plug("/devices/virtual/misc/slow", { subsystem: "misc" });
  await scene.rest();
  const hung = scene.kernel.hang("/devices/virtual/misc/slow", "size");
  const attaching = scene.attach({ allow: ["subsystem=block", "subsystem=misc,attr:size=8"] });
  scene.kernel.change(LOOP0);
  await scene.kernel.idle();
  scene.kernel.plug(loop2, disk(2));
  await scene.kernel.idle();
  hung.release();
  const box = await attaching;
  expect((await box.devices()).map(({ devpath }) => devpath)).toContain(loop2);
});

test("a container whose process ends while it is being attached is not attached", async () => {
  await using scene = await openScene();
  const container = scene.kernel.container();
  const hung = scene.kernel.hang(LOOP0, "size");
  const attaching = scene.attach({ pid: container.pid, allow: ["attr:size=8"] });
  const failed = expect(attaching).rejects.toMatchObject({ code: "TARGET_GONE" });
  await scene.kernel.idle();
  container.end();
  await scene.kernel.idle();
  hung.release();
  await failed;
  expect(scene.kernel.hasDirectory("/run/bridge/box")).toBe(false);
  await scene.attach();
});

test("after close nothing is left of a container that was being attached", async () => {
  const scene = await openScene();
  const hung = scene.kernel.hang(LOOP0, "size");
  const attaching = scene.attach({ allow: ["attr:size=8"] });
  const failed = expect(attaching).rejects.toMatchObject({ code: "CLOSED" });
  await scene.kernel.idle();
  await scene.relay.close();
  expect(scene.kernel.hasDirectory("/run/bridge/box")).toBe(false);
  hung.release();
  await failed;
});

test.each(["before", "during"])(
  "an attach that is aborted %s rejects with the reason and leaves nothing",
  async (when) => {
    await using scene = await openScene();
    const stop = new AbortController();
    const hung = scene.kernel.hang(LOOP0, "size");
    if (when === "before") stop.abort();
    const attaching = scene.attach({ allow: ["attr:size=8"], signal: stop.signal });
    const failed = expect(attaching).rejects.toMatchObject({ name: "AbortError" });
    await scene.kernel.idle();
    stop.abort();
    hung.release();
    await failed;
    expect(scene.kernel.hasDirectory("/run/bridge/box")).toBe(false);
  },
);

test("a signal that outlives a container does not keep it", async () => {
  await using scene = await openScene();
  const stop = new AbortController();
  const listened = vi.spyOn(stop.signal, "addEventListener");
  const left = vi.spyOn(stop.signal, "removeEventListener");
  const box = await scene.attach({ signal: stop.signal });
  box.events({ signal: stop.signal });
  await box.detach();
  expect(listened).toHaveBeenCalledTimes(2);
  expect(left.mock.calls).toEqual(expect.arrayContaining(listened.mock.calls.map(([type, work]) => [type, work])));
});

test("what fails at a container's end is said, and keeps nothing else from ending: its name is free, and others are told", async () => {
  const scene = await openScene();
  const container = scene.kernel.container();
  const broken = new Error("the file system has gone");
  const open = scene.kernel.openDirectory.bind(scene.kernel);
  vi.spyOn(scene.kernel, "openDirectory").mockImplementation((...args) => failingAtClose(open(...args), broken));
  const reader = container.reader();
  const other = await scene.attach({
    name: "other",
    pid: container.pid,
    allow: [LOOP0],
    deliver: { netlink: "kernel" },
  });
  const box = await scene.attach({ pid: scene.kernel.container().pid, allow: [LOOP0] });
  const [detached, otherDetached] = [vi.fn(), vi.fn()];
  box.once("detached", detached);
  other.once("detached", otherDetached);
  await expect(box.detach()).rejects.toBe(broken);
  expect(detached).toHaveBeenCalledWith("asked");
  expect(await scene.relay.list()).toEqual([other]);
  await scene.attach();
  await scene.rest();
  reader.readAll();
  scene.kernel.change(LOOP0);
  await scene.rest();
  expect(headers(reader.readAll())).toEqual([`change@${LOOP0}`]);
  await expect(scene.relay.close()).rejects.toBe(broken);
  expect(scene.kernel.holdsProcess).toBe(false);
  expect(otherDetached).toHaveBeenCalledWith("closed");
});

function failingAtClose<T extends { close(): void }>(opened: T, error: Error): T {
  const close = opened.close.bind(opened);
  opened.close = () => {
    close();
    throw error;
  };
  return opened;
}
