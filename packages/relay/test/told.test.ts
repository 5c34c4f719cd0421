import { KernelError } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { FakeListener } from "@uevent-bridge/kernel/testing";
import type { AttachOptions, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { unpackMultiple } from "msgpackr";
import { afterEach, beforeEach, expect, test } from "vitest";

import { temporaryDirectory } from "../../../test/real/temporary.js";

const DISKS = "/devices/virtual/block";
const MANY = 2000;

let kernel: FakeKernel;
let place: ReturnType<typeof temporaryDirectory>;
let relays: Relay[];
let warnings: string[];

beforeEach(() => {
  kernel = new FakeKernel();
  place = temporaryDirectory();
  relays = [];
  warnings = [];
  for (const name of ["loop0", "loop1"]) plug(name);
});
afterEach(async () => {
  for (const relay of relays) await relay.close();
  place[Symbol.dispose]();
});

function plug(name: string): void {
  kernel.plug(`${DISKS}/${name}`, { subsystem: "block", properties: { DEVNAME: name } });
}

/** Another relay, as after a restart, with a container that sees all disks. */
async function start(options: Partial<AttachOptions> = {}): Promise<Relay> {
  const relay = await openRelay({ kernel, runtimeDir: "/run", stateDir: place.path });
  relays.push(relay);
  const box = await relay.attach({
    name: "box",
    allow: ["subsystem=block"],
    deliver: { socket: "/run/box" },
    ...options,
  });
  box.on("warning", ({ code, message }) => warnings.push(`${code} ${message}`));
  await kernel.idle();
  return relay;
}

/** What has come since this was asked the last time: `add loop0 7`, with its number. */
function heard(listener: FakeListener): readonly string[] {
  return listener.readAll().map((bytes) => {
    const [, action, devpath, seqnum] =
      /^(\w+)@(.*?)\0.*SEQNUM=(\d+)\0$/s.exec(Buffer.from(bytes).toString("latin1")) ?? [];
    return `${action} ${devpath?.slice(DISKS.length + 1)} ${seqnum}`;
  });
}

const bind = (name = "a.sock"): FakeListener => kernel.directory("/run/box").bind(name, { queue: 10_000 });

test("after a kill a listener is told what happened meanwhile, and nothing else", async () => {
  const listener = bind();
  await start();
  expect(heard(listener)).toEqual(["add loop0 1", "add loop1 2"]);
  kernel.kill();
  await start();
  expect(heard(listener)).toEqual([]);
  kernel.kill();
  kernel.unplug(`${DISKS}/loop0`);
  plug("loop2");
  kernel.change(`${DISKS}/loop1`, { properties: { DISK_RO: "1" } });
  await start();
  expect(heard(listener)).toEqual(["remove loop0 3", "add loop2 4", "change loop1 5"]);
  expect(warnings).toEqual([]);
});

test("who listens in msgpack is greeted once, and told the same", async () => {
  const listener = kernel.directory("/run/box").bind("a.msgpack.sock", { queue: 10_000 });
  const kinds = () =>
    listener.readAll().flatMap((bytes) => (unpackMultiple(bytes) as { kind: string }[]).map(({ kind }) => kind));
  await start();
  expect(kinds()).toEqual(["hello", "event", "event", "synced"]);
  kernel.kill();
  kernel.unplug(`${DISKS}/loop0`);
  await start();
  expect(kinds()).toEqual(["event", "synced"]);
});

test("what one relay told after another is known as it was told: a path that was left may have another device", async () => {
  const listener = bind();
  await start();
  kernel.kill();
  await start();
  kernel.move(`${DISKS}/loop0`, `${DISKS}/loop5`);
  plug("loop0");
  plug("loop0/loop0p1");
  await kernel.idle();
  const told = ["add loop0 1", "add loop1 2", "move loop5 3", "add loop0 4", "add loop0/loop0p1 5"];
  expect(heard(listener)).toEqual(told);
  kernel.kill();
  await start();
  expect(heard(listener)).toEqual([]);
});

test("another device under the same path is told as another one", async () => {
  const listener = bind();
  await start();
  kernel.kill();
  kernel.unplug(`${DISKS}/loop0`);
  plug("loop0");
  await start();
  expect(heard(listener).slice(2)).toEqual(["remove loop0 3", "add loop0 4"]);
});

test("after an orderly end it is the same", async () => {
  const listener = bind();
  const relay = await start();
  await relay.close();
  await start();
  expect(heard(listener)).toEqual(["add loop0 1", "add loop1 2"]);
});

test("what waited for a slow listener is told by the next relay, for it was not sent", async () => {
  const listener = kernel.directory("/run/box").bind("a.sock", { queue: 1 });
  await start();
  kernel.kill();
  await start();
  const all: string[] = [];
  for (let i = 0; i < 5; i++) {
    all.push(...heard(listener));
    await kernel.idle();
  }
  expect(all).toEqual(["add loop0 1", "add loop1 2"]);
});

test("a listener that came after the kill is told all, also with the name and inode of one that went", async () => {
  const listener = bind();
  await start();
  kernel.kill();
  listener.close();
  listener.unlink();
  const next = kernel.directory("/run/box").bind("a.sock", { inode: listener.inode });
  await start();
  expect(heard(next)).toEqual(["add loop0 1", "add loop1 2"]);
});

test("a detached container's listeners are as new when it is attached again", async () => {
  const listener = bind();
  const relay = await start();
  await (await relay.get("box"))?.detach();
  expect(kernel.ledgers).toEqual([]);
  await start();
  expect(heard(listener)).toEqual(["add loop0 1", "add loop1 2", "add loop0 1", "add loop1 2"]);
});

test("where nobody listens nothing is kept", async () => {
  const relay = await start();
  await relay.close();
  expect(kernel.ledgers).toEqual([]);
});

test("of a listener that has gone nothing is kept", async () => {
  const listener = bind();
  const relay = await start();
  listener.close();
  listener.unlink();
  await kernel.idle();
  await relay.close();
  expect(kernel.ledgers).toEqual([]);
});

test("without a coldplug what was there is not told after a restart either", async () => {
  const listener = bind();
  await start({ coldplug: false });
  plug("loop2");
  await kernel.idle();
  kernel.kill();
  plug("loop3");
  await start({ coldplug: false });
  expect(heard(listener)).toEqual(["add loop2 1", "add loop3 2"]);
});

test("who was taken here from elsewhere is told the difference to what was told there", async () => {
  const relay = await start();
  const state = await (await relay.get("box"))?.checkpoint();
  await relay.close();
  kernel.change(`${DISKS}/loop1`, { properties: { DISK_RO: "1" }, silent: true });
  const program = bind(); // knows what it was told there
  const here = await start({ allow: [], coldplug: false });
  await (await here.get("box"))?.restore(state ?? new Uint8Array());
  await kernel.idle();
  expect(heard(program)).toEqual(["change loop1 1"]);
  kernel.kill();
  kernel.unplug(`${DISKS}/loop0`);
  await start();
  expect(heard(program)).toEqual(["remove loop0 2"]);
});

test("what was told before the machine started is nobody's", async () => {
  const listener = bind();
  await start();
  kernel.kill();
  kernel.boot = "another";
  await start();
  expect(heard(listener)).toEqual(["add loop0 1", "add loop1 2", "add loop0 1", "add loop1 2"]);
  expect(warnings).toEqual([]);
});

test("what cannot be read is said, and all is told anew", async () => {
  const listener = bind();
  await start();
  kernel.kill();
  for (const path of kernel.ledgers) kernel.damageLedger(path);
  await start();
  expect(heard(listener)).toHaveLength(4);
  await expect.poll(() => warnings).toEqual([expect.stringMatching(/^STATE_DAMAGED what a relay before told box/)]);
});

test.each(["openLedger", "beginLedger"] as const)(
  "where %s fails it is said, and the container is told all the same",
  async (call) => {
    const listener = bind();
    kernel.fail(call, new KernelError("PATH_UNUSABLE", "there is no room", "make some"));
    await start();
    plug("loop2");
    await kernel.idle();
    expect(heard(listener)).toEqual(["add loop0 1", "add loop1 2", "add loop2 3"]);
    await expect.poll(() => warnings).toEqual(["PATH_UNUSABLE there is no room"]);
  },
);

test("it holds as many devices as there are", async () => {
  for (let i = 0; i < MANY; i++) plug(`disk${i}`);
  const listener = bind();
  await start();
  expect(heard(listener)).toHaveLength(MANY + 2);
  kernel.kill();
  kernel.unplug(`${DISKS}/disk7`);
  await start();
  expect(heard(listener)).toEqual([`remove disk7 ${MANY + 3}`]);
});
