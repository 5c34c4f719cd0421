import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";

import { openLinux, probe } from "@uevent-bridge/linux";
import { expect, onTestFinished, test } from "vitest";

import { loadAddon } from "../src/addon.js";
import { openTargetParts } from "../src/target-open.js";
import type { Agent } from "./world/agent.js";
import { startOwn } from "./world/containers.js";
import { UID_BASE, asRoot, asUser, isRoot } from "./world/privilege.js";

const kernel = openLinux();

/** A process in namespaces of its own. */
async function own(): Promise<Agent> {
  const agent = await startOwn();
  onTestFinished(() => agent.end());
  return agent;
}

function refusal(work: () => unknown): { code: string; message: string; remedy: string } {
  try {
    work();
  } catch (error) {
    const { code, message, remedy } = error as { code: string; message: string; remedy: string };
    return { code, message, remedy };
  }
  throw new Error("it was not refused");
}

test.each([
  [4_193_999, "TARGET_GONE", /^there is no process 4193999$/],
  [0, "TARGET_GONE", /^0 is no process id$/],
  [-1, "TARGET_GONE", /^-1 is no process id$/],
  [1.5, "TARGET_GONE", /^1.5 is no process id$/],
  [2 ** 40, "TARGET_GONE", /is no process id$/],
])("pid %d is refused: %s", (pid, code, message) => {
  const refused = refusal(() => kernel.openTarget({ pid }));
  expect(refused).toMatchObject({ code });
  expect(refused.message).toMatch(message);
});

test("a thread is no process", async () => {
  const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const thread =
    readdirSync(`/proc/${child.pid}/task`)
      .map(Number)
      .find((id) => id !== child.pid) ?? 0;
  const refused = refusal(() => kernel.openTarget({ pid: thread }));
  expect(refused.message).toMatch(/is a thread and no process|there is no process/); // by the kernel's version
  await end(child);
});

test("a process that ended but was not waited for is gone", async () => {
  const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line);
  await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "latin1")).toContain(") Z ");
  expect(refusal(() => kernel.openTarget({ pid }))).toMatchObject({ code: "TARGET_GONE" });
  await end(parent);
});

test("a process that ends while it is looked at is gone: what was read may be another's", async () => {
  const agent = await own();
  const addon = { ...loadAddon(), processHasEnded: () => 1 };
  const refused = refusal(() => openTargetParts(addon, { pid: agent.pid }));
  expect(refused).toMatchObject({ code: "TARGET_GONE", message: `process ${agent.pid} has ended` });
});

test.each([
  ["/proc/self/ns/mnt", /no network namespace: it is something else$/],
  ["/etc/passwd", /no network namespace: it is something else$/],
  ["/nowhere", /^\/nowhere is no network namespace: nothing is there$/],
  ["", /^an empty path is no network namespace/],
])("the path %j is refused", (netns, message) => {
  const refused = refusal(() => kernel.openTarget({ netns }));
  expect(refused).toMatchObject({ code: "TARGET_NO_NETNS", remedy: expect.stringContaining("/run/netns") as unknown });
  expect(refused.message).toMatch(message);
});

test("a user namespace that has no ids yet is refused: what is given to it would be given to the host's nobody", async () => {
  const maker = spawn("unshare", ["-U", "-n", "sh", "-c", "echo; exec sleep 60"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(maker.stdout, "data");
  try {
    expect(refusal(() => kernel.openTarget({ pid: maker.pid ?? 0 }))).toMatchObject({
      code: "NO_PRIVILEGE",
      message: expect.stringContaining("has no ids yet") as string,
      remedy: expect.stringContaining("uid_map") as string,
    });
  } finally {
    await end(maker);
  }
});

test("our own namespace is the host's: nothing is injected, and --socket is named as the way", () => {
  const target = kernel.openTarget({ pid: process.pid });
  const refused = refusal(() => target.openInjector("kernel"));
  target.close();
  expect(refused).toEqual({
    code: "TARGET_SHARES_HOST",
    message: `the network namespace of pid ${process.pid} is owned by the initial user namespace, so its programs hear every event of the host already`,
    remedy: expect.stringContaining("--socket") as unknown,
  });
});

test("an ordinary user is refused what is root's", (context) => {
  asUser(context);
  expect(refusal(() => kernel.openTarget({ pid: 1 }))).toMatchObject({ code: "NO_PRIVILEGE" });
  expect(probe()).toMatchObject({ listen: true, enterNamespaces: false });
});

test("root may enter namespaces", (context) => {
  asRoot(context);
  expect(probe()).toMatchObject({
    release: expect.stringMatching(/^\d+\.\d+/) as unknown,
    listen: true,
    enterNamespaces: true,
  });
});

test("a path's user namespace is mapped as its processes' is", async () => {
  const agent = await own();
  const targets = [{ pid: agent.pid }, { netns: `/proc/${agent.pid}/ns/net` }].map((ref) => kernel.openTarget(ref));
  const root = isRoot ? { uid: UID_BASE, gid: UID_BASE } : { uid: process.getuid?.(), gid: process.getgid?.() };
  for (const target of targets) {
    expect(target.root).toEqual(root);
    expect(target.ownedByInitialUserns).toBe(false);
    target.close();
    target.close();
  }
});

test("the relay's own sources of one namespace are not its readers, others' are", async () => {
  const agent = await own();
  const target = kernel.openTarget({ pid: agent.pid });
  const other = kernel.openTarget({ pid: agent.pid });
  const injector = target.openInjector("kernel");
  const { inode } = await agent.ask<{ inode: number }>("listen");
  const sources = [target, other].map((each) => each.openSource({ group: "kernel", onBatch: () => {} }));
  expect(injector.readers()).toHaveLength(2);
  expect(injector.readers().map((reader) => reader.inode)).toContain(inode);
  for (const open of [...sources, injector, target, other]) open.close();
  expect(injector.readers()).toEqual([]);
});

test("a source in a container's netns pins little of the kernel's memory: its root fills it at will", async () => {
  const agent = await own();
  const target = kernel.openTarget({ pid: agent.pid });
  const source = target.openSource({ group: "kernel", onBatch: () => {} });
  expect(source.receiveBuffer).toBeGreaterThan(0);
  expect(source.receiveBuffer).toBeLessThanOrEqual(4 << 20); // the kernel doubles what is asked for
  for (const open of [source, target]) open.close();
});

test("a tree that was closed has no devices: who still asks is not hurt", async () => {
  const agent = await own();
  const target = kernel.openTarget({ pid: agent.pid });
  const devices = target.openDevices();
  const lo = "/devices/virtual/net/lo";
  expect(devices.incarnation(lo)).toBeDefined();
  devices.close();
  target.close();
  expect([devices.incarnation(lo), devices.read(lo)]).toEqual([undefined, undefined]);
  expect(await devices.attribute(lo, "ifindex", 100)).toBeUndefined();
});

test("an injector sends after its target was closed, and pins nothing once it is closed too", async () => {
  const agent = await own();
  const target = kernel.openTarget({ pid: agent.pid });
  const injector = target.openInjector("kernel");
  target.close();
  const { fd } = await agent.ask<{ fd: number }>("listen");
  const sender = kernel.openSender();
  const event = Buffer.from("add@/x\0ACTION=add\0DEVPATH=/x\0SUBSYSTEM=x\0");
  sender.stage(event, 0, event.length);
  sender.push(injector);
  injector.close();
  expect(sender.flush()).toEqual([]);
  expect(Buffer.from((await agent.ask<Uint8Array>("read", fd)) ?? []).toString()).toContain("add@/x");
});

async function end(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}
