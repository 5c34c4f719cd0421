import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";

import type { SocketDirectory } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { FakeListener } from "@uevent-bridge/kernel/testing";
import { openLinux } from "@uevent-bridge/linux";
import { openReceiver } from "@uevent-bridge/linux/testing";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { readPage, rowsIn } from "./docs.js";
import { ROOT } from "./packages.js";
import { temporaryDirectory } from "./real/temporary.js";

const journey = rowsIn(readPage("docs/architecture.md"), "The journey of one datagram")
  .slice(1)
  .map(([, , file = ""]) => file.slice(1, -1));

/** The source files, below the root, of which a function ran during the work. */
async function filesRunBy(work: () => Promise<void>): Promise<ReadonlySet<string>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  await work();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  session.disconnect();
  const ran = result.filter(({ functions }) => functions.some(({ ranges }) => ranges.some(({ count }) => count > 0)));
  return new Set(ran.map(({ url }) => withoutRoot(url)));
}

function withoutRoot(url: string): string {
  const path = url.startsWith("file:") ? fileURLToPath(url) : url;
  return path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : path;
}

function eachIsTold(listeners: readonly FakeListener[]): Promise<void> {
  return expect.poll(() => listeners.every(({ waiting }) => waiting > 0)).toBe(true);
}

test("between the kernel and the sender, an event runs through each file that the journey names", async () => {
  const kernel = new FakeKernel();
  const devpath = "/devices/virtual/block/loop0";
  kernel.plug(devpath, { subsystem: "block", attributes: { ro: "0" } });
  const { pid } = kernel.container();
  await using relay = await openRelay({ kernel, runtimeDir: "/run" });
  const deliver = { socket: true, netlink: "kernel" } as const;
  await using box = await relay.attach({ name: "box", pid, deliver, allow: ["attr:ro=0"] });
  const heard: string[] = [];
  box.on("forwarded", ({ action }) => heard.push(action));
  const folder = kernel.directory("/run/box");
  const listeners = ["a.sock", "b.msgpack.sock", "c.udev.sock"].map((name) => folder.bind(name));
  await eachIsTold(listeners); // what there is
  for (const listener of listeners) listener.readAll();
  const ran = await filesRunBy(async () => {
    kernel.change(devpath);
    await eachIsTold(listeners);
    await relay.settle();
  });
  expect(heard).toEqual(["change"]);
  const inBetween = journey.filter((file) => !file.startsWith("packages/linux/"));
  expect(inBetween.length).toBeGreaterThan(15);
  expect(inBetween.filter((file) => !ran.has(file))).toEqual([]);
});

test("on Linux, hearing and sending run through each file that the journey names", async () => {
  using directory = temporaryDirectory();
  const kernel = openLinux({ lockDirectory: `${directory.path}/locks` });
  const path = `${directory.path}/box`;
  const folder = kernel.openDirectory(path, { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
  const receiver = openReceiver(`${path}/a.sock`, () => {});
  const peer = connect(folder, "a.sock");
  receiver.close();
  const sender = kernel.openSender();
  const source = kernel.openSource({ group: "kernel", onBatch: () => {} });
  const ran = await filesRunBy(async () => {
    source.drain();
    sender.stage(new Uint8Array([1]), 0, 1);
    sender.push(peer);
    expect(sender.flush()).toMatchObject([{ outcome: "gone" }]);
  });
  source.close();
  peer.close();
  folder.close();
  const here = journey.filter((file) => file.startsWith("packages/linux/src/"));
  expect(here.length).toBeGreaterThan(4);
  expect(here.filter((file) => !ran.has(file))).toEqual([]);
});

function connect(folder: SocketDirectory, name: string) {
  const entry = folder.list(8).entries.find((each) => each.name === name);
  const peer = entry && folder.connect(entry);
  if (typeof peer !== "object") throw new Error(`${name} is ${peer}`);
  return peer;
}
