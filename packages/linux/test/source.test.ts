import type { Batch } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { addLoop, createVeth, deleteLink, freeLoop, openReceiver, removeLoop } from "@uevent-bridge/linux/testing";
import { expect, onTestFinished, test } from "vitest";

import { loadAddon } from "../src/addon.js";
import { Folder } from "./world/directory.js";
import { asRoot } from "./world/privilege.js";

const LOOP = 5200 + (process.pid % 400); // a number that nobody else takes

function texts(batch: Batch): string[] {
  return Array.from({ length: batch.count }, (_, i) =>
    Buffer.from(batch.slab.subarray(batch.starts[i], batch.ends[i])).toString("latin1"),
  );
}

test("a loop device that comes and goes is heard, each datagram whole", (context) => {
  asRoot(context);
  const heard: string[] = [];
  const source = openLinux().openSource({ group: "kernel", onBatch: (batch) => heard.push(...texts(batch)) });
  onTestFinished(() => source.close());
  addLoop(LOOP);
  removeLoop(LOOP);
  source.drain();
  const path = `/devices/virtual/block/loop${LOOP}`;
  const mine = heard.filter((text) => text.includes(`DEVPATH=${path}\0`)).map((text) => text.replace(/\d+\0$/, ""));
  const rest = (action: string): RegExp =>
    new RegExp(
      `^${action}@${path}\\0ACTION=${action}\\0DEVPATH=${path}\\0SUBSYSTEM=block\\0.*DEVNAME=loop${LOOP}\\0.*SEQNUM=$`,
    );
  expect(mine).toHaveLength(2);
  expect(mine[0]).toMatch(rest("add"));
  expect(mine[1]).toMatch(rest("remove"));
});

test("helpers say what the system says", (context) => {
  asRoot(context);
  expect(() => removeLoop(LOOP)).toThrow(`LOOP_CTL_REMOVE ${LOOP}: ENODEV`);
  expect(() => deleteLink("no-such-link0")).toThrow("removing no-such-link0: ENODEV");
  expect(() => createVeth("", "b")).toThrow(/EINVAL/);
  expect(freeLoop()).toBeGreaterThanOrEqual(0);
});

test("what is longer than any program takes is left out and counted, and what follows is heard", (context) => {
  asRoot(context);
  const heard: string[] = [];
  const source = openLinux().openSource({ group: "kernel", onBatch: (batch) => heard.push(...texts(batch)) });
  onTestFinished(() => source.close());
  const mark = `X=${process.pid}.${Math.random()}\0`;
  loadAddon().forgeUevent(Buffer.from(`long@/x\0${mark}${"y".repeat(9000)}`));
  loadAddon().forgeUevent(Buffer.from(`fits@/x\0${mark}${"y".repeat(8000)}`));
  source.drain();
  expect(heard.filter((text) => text.includes(mark)).map((text) => text.slice(0, 4))).toEqual(["fits"]);
  expect(source.truncated).toBeGreaterThanOrEqual(1);
});

test("drain() from within onBatch is refused: the slab is in use", () => {
  const source = openLinux().openSource({ group: "kernel", onBatch: () => source.drain() });
  onTestFinished(() => source.close());
  expect(() => source.drain()).toThrow(/from within onBatch/);
  expect(() => source.drain()).toThrow(/from within onBatch/);
});

test("closing twice, or using a closed source, does no harm", () => {
  const source = openLinux().openSource({ group: "kernel", onBatch: () => expect.unreachable() });
  source.close();
  for (const method of ["close", "resume", "pause", "ref", "unref", "drain"] as const) source[method]();
});

test("a receiver hears what is sent to its path, with the sender's credentials unasked", () => {
  const folder = new Folder();
  onTestFinished(() => folder.close());
  folder.make();
  const kernel = openLinux({ lockDirectory: `${folder.base}/locks` });
  const directory = kernel.openDirectory(folder.path, folder);
  const batches: { texts: string[]; pid: number | undefined; groups: number | undefined; drained: boolean }[] = [];
  const receiver = openReceiver(`${folder.path}/a.sock`, (batch) => {
    batches.push({ texts: texts(batch), pid: batch.pids[0], groups: batch.groups[0], drained: batch.drained });
  });
  const peer = directory.connect(directory.list(1).entries[0] ?? { name: "", inode: 0n });
  if (typeof peer === "string") throw new Error(peer);
  const sender = kernel.openSender();
  for (const word of ["one", "two"]) {
    sender.stage(Buffer.from(word), 0, word.length);
    sender.push(peer);
  }
  expect(sender.flush()).toEqual([]);
  receiver.drain();
  expect(batches[0]).toMatchObject({ texts: ["one", "two"], pid: -1, groups: 0 });
  expect(batches.at(-1)).toMatchObject({ drained: true });
  for (const open of [receiver, peer, directory]) open.close();
});

test("a path that cannot be bound is said", () => {
  expect(() => openReceiver("/nowhere/a.sock", () => {})).toThrow("bind /nowhere/a.sock: ENOENT");
  expect(() => openReceiver(`/tmp/${"a".repeat(120)}`, () => {})).toThrow(/ENAMETOOLONG/);
});
