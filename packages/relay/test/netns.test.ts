import { KernelError } from "@uevent-bridge/kernel";
import { expect, test } from "vitest";

import { LOOP0, headers, openScene } from "./scene.js";

const VETH = "/devices/virtual/net/veth0";

test("a net device is told to the containers of its network namespace alone, whatever the rules say", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const hostNet = scene.kernel.container({ netns: "host" });
  await scene.attach({ name: "own", pid: own.pid, allow: ["subsystem=net"] });
  await scene.attach({ name: "host", pid: hostNet.pid, allow: ["subsystem=net"] });
  const [inside, outside] = ["own", "host"].map((box) => scene.listen("a.sock", { box }));
  await scene.rest();
  scene.kernel.plug(VETH, { subsystem: "net", netns: own });
  scene.kernel.kobject(`${VETH}/queues/rx-0`, "queues", { netns: own });
  scene.kernel.plug(`${VETH}1`, { subsystem: "net" });
  await scene.rest();
  expect(headers(inside?.readAll() ?? [])).toEqual([`add@${VETH}`, `add@${VETH}/queues/rx-0`]);
  expect(headers(outside?.readAll() ?? [])).toEqual([`add@${VETH}1`]);
});

test("what is in a container's netns at the attach is told, and its rename is one move", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  scene.kernel.plug(VETH, { subsystem: "net", netns: own });
  await scene.attach({ pid: own.pid, allow: ["subsystem=net"] });
  const listener = scene.listen();
  await scene.rest();
  scene.kernel.move(VETH, "/devices/virtual/net/lan0", { netns: own });
  scene.kernel.unplug("/devices/virtual/net/lan0", { netns: own });
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([
    `add@${VETH}`,
    "move@/devices/virtual/net/lan0",
    "remove@/devices/virtual/net/lan0",
  ]);
});

test("a container that joins the host's network namespace is told the host's net devices from then on", async () => {
  await using scene = await openScene();
  scene.kernel.plug(VETH, { subsystem: "net" });
  const box = await scene.attach({ allow: ["subsystem=net"] });
  const listener = scene.listen();
  scene.kernel.change(VETH);
  await scene.rest();
  expect(listener.readAll()).toEqual([]);
  await box.join({ pid: scene.kernel.container({ netns: "host" }).pid });
  scene.kernel.change(VETH);
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${VETH}`, `change@${VETH}`]);
});

test("for a container in the host's network namespace nothing is opened that could be refused", async () => {
  await using scene = await openScene();
  scene.kernel.fail("openSource", new KernelError("SYSTEM_REFUSED", "too many open files", "none"));
  scene.kernel.plug(VETH, { subsystem: "net" });
  await scene.attach({ pid: scene.kernel.container({ netns: "host" }).pid, allow: ["subsystem=net"] });
  const listener = scene.listen();
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${VETH}`]);
});

test("a container's network namespace is heard until the last who is told of it goes", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const deliver = { socket: true } as const;
  const [a, b] = await Promise.all(
    ["a", "b"].map((name) => scene.attach({ name, pid: own.pid, allow: ["subsystem=net"], deliver })),
  );
  const listener = scene.listen("a.sock", { box: "b" });
  await a?.detach();
  scene.kernel.plug(VETH, { subsystem: "net", netns: own });
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${VETH}`]);
  await b?.detach();
  scene.kernel.fail("openSource", new KernelError("SYSTEM_REFUSED", "too many open files", "none"));
  await expect(scene.attach({ name: "c", pid: own.pid, deliver })).rejects.toMatchObject({ code: "SYSTEM_REFUSED" }); // it is opened anew
});

test("a container whose own net devices the system refuses to show is not attached without them", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  scene.kernel.plug(VETH, { subsystem: "net", netns: own });
  scene.kernel.fail("enumerate", new KernelError("SYSTEM_REFUSED", "no memory", "free some"));
  await expect(scene.attach({ pid: own.pid, allow: ["subsystem=net"] })).rejects.toThrow("no memory");
  const box = await scene.attach({ pid: own.pid, allow: ["subsystem=net"] });
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([VETH]);
});

test("rules pick among what a container was told of, its own net devices too", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  scene.kernel.plug(VETH, { subsystem: "net", netns: own });
  scene.kernel.plug(`${VETH}1`, { subsystem: "net" });
  const box = await scene.attach({ pid: own.pid, allow: ["subsystem=net", LOOP0] });
  await scene.rest();
  const picked = async (...rules: string[]) => (await box.devices(...rules)).map(({ devpath }) => devpath);
  expect(await picked("subsystem=net")).toEqual([VETH]);
  expect(await picked("subsystem=block")).toEqual([LOOP0]);
  expect(await picked("subsystem=block", VETH)).toEqual([LOOP0, VETH]);
  expect(await picked("subsystem=tty")).toEqual([]);
});

test("what a container's own kernel tells its netlink is not injected there once more", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  scene.kernel.plug(VETH, { subsystem: "net", netns: own });
  const reader = own.reader();
  await scene.attach({ pid: own.pid, allow: ["subsystem=net"], deliver: { socket: true, netlink: "kernel" } });
  const listener = scene.listen();
  await scene.rest();
  scene.kernel.plug(`${VETH}1`, { subsystem: "net", netns: own });
  scene.kernel.move(VETH, "/devices/virtual/net/lan0", { netns: own });
  scene.kernel.change(`${VETH}1`, { netns: own });
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([
    `add@${VETH}`,
    `add@${VETH}1`,
    "move@/devices/virtual/net/lan0",
    `change@${VETH}1`,
  ]);
  expect(headers(reader.readAll())).toEqual([`add@${VETH}1`, "move@/devices/virtual/net/lan0", `change@${VETH}1`]);
});

test("settling while a network namespace is being entered takes nothing from it", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  let settled: Promise<void> | undefined;
  scene.kernel.during("enumerate", () => {
    queueMicrotask(() => scene.kernel.plug(VETH, { subsystem: "net", netns: own }));
    settled = scene.relay.settle();
  });
  const box = await scene.attach({ pid: own.pid, allow: ["subsystem=net"] });
  await settled;
  await scene.rest();
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([VETH]);
});

test("what is lost of a container's own netns is a gap for those who are told of it, and looked into for them alone", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const allow = ["subsystem=net", "subsystem=block"];
  const boxes = [
    await scene.attach({ name: "own", pid: own.pid, allow }),
    await scene.attach({ name: "other", pid: scene.kernel.container().pid, allow }),
  ];
  const gaps: string[] = [];
  const compared: string[] = [];
  scene.relay.on("gap", () => gaps.push("relay"));
  for (const box of boxes) {
    box.on("gap", ({ where }) => gaps.push(`${box.name} ${where}`));
    box.on("resync", ({ added }) => compared.push(`${box.name} ${added.join()}`));
  }
  await scene.rest();
  scene.kernel.plug("/devices/virtual/net/veth0", { subsystem: "net", netns: own, silent: true });
  scene.kernel.unplug(LOOP0, { silent: true }); // nobody asks the host
  scene.kernel.overrun({ netns: own });
  await scene.rest();
  expect(gaps).toEqual(["own kernel"]);
  expect(compared).toEqual(["own /devices/virtual/net/veth0"]);
});

test("a network namespace that is entered holds the process no more than the relay does", async () => {
  await using scene = await openScene();
  scene.relay.unref();
  await scene.attach({ pid: scene.kernel.container().pid });
  expect(scene.kernel.holdsProcess).toBe(false);
  scene.relay.ref();
  expect(scene.kernel.holdsProcess).toBe(true);
});
