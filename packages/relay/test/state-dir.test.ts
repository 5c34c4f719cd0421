import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { Container, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test, vi } from "vitest";

import { LOOP0, LOOP1, disk, headers } from "./scene.js";
import { EXCLUSIVE, PART, attach, begin, isBlock, rejection, told } from "./state-stage.js";

const HANDOVERS = Number(process.env["HANDOVERS"] ?? 20);

test("what a container of one relay holds no container of another sees, and none can hold it, or what is above or below", async () => {
  const { kernel, open, files } = begin();
  kernel.plug(PART, disk(1, "loop0p1"));
  const [one, other] = [await open(), await open()];
  const a = await attach(one, "a", `${PART},exclusive`);
  const sharer = await attach(other, "sharer", isBlock);
  expect(await told(sharer)).toEqual([LOOP0, LOOP1]);
  expect(await sharer.explain(PART)).toMatchObject({ reason: "held", holder: "a" });
  for (const rule of [`${PART},exclusive`, `${LOOP0},exclusive`])
    expect(await rejection(attach(other, "b", rule))).toMatchObject({
      code: "HELD",
      message: expect.stringMatching(/: (a|sharer) has it/) as string,
    });
  expect(files()).toHaveLength(1);
  await a.detach();
  await vi.waitFor(async () => expect(await told(sharer)).toEqual([LOOP0, PART, LOOP1]));
  expect(files()).toEqual([]);
});

test("a container that is attached again under its name keeps what it claims", async () => {
  const { open } = begin();
  const [one, other] = [await open(), await open()];
  await (await attach(one, "a", EXCLUSIVE)).detach();
  const a = await attach(one, "a", EXCLUSIVE);
  const heard: string[] = [];
  a.on("forwarded", ({ action, devpath }) => heard.push(`${action}@${devpath}`));
  await attach(other, "b", `${LOOP1},exclusive`);
  await vi.waitFor(async () => expect(await a.explain(LOOP1)).toMatchObject({ holder: "b" })); // it has looked at who holds what
  expect([await told(a), heard]).toEqual([[LOOP0], []]);
});

test("a claim that is made later takes the device from those who share it elsewhere", async () => {
  const { open } = begin();
  const [one, other] = [await open(), await open()];
  const sharer = await attach(other, "sharer", isBlock);
  expect(await told(sharer)).toEqual([LOOP0, LOOP1]);
  await attach(one, "a", EXCLUSIVE);
  await vi.waitFor(async () => expect(await told(sharer)).toEqual([LOOP1]));
});

test("what happens to a device that is taken by a claim elsewhere is not told any more, also to who has yet to hear so", async () => {
  const { kernel, open } = begin();
  kernel.plug(PART, disk(1, "loop0p1"));
  const [one, other] = [await open(), await open()];
  const sharer = await attach(other, "sharer", "devname=loop0");
  const slow = kernel.directory("/run/relay1/sharer").bind("a.sock", { queue: 1 });
  await other.settle();
  await attach(one, "a", `${PART},exclusive`);
  await vi.waitFor(async () => expect(await told(sharer)).toEqual([LOOP0]));
  kernel.change(PART);
  await kernel.idle();
  const heard: Uint8Array[] = [];
  for (let bytes = slow.read(); bytes; bytes = slow.read()) {
    heard.push(bytes);
    await kernel.idle();
  }
  expect(headers(heard)).toEqual([`add@${LOOP0}`, `add@${PART}`, `remove@${PART}`]);
});

test("of several relays in which a container claims a device that comes one has it, and the next one once that lets go", async () => {
  const { kernel, open, files } = begin();
  const rule = "sysname=loop0p1,exclusive";
  const relays = [await open(), await open(), await open()];
  const boxes: Container[] = [];
  for (const [i, relay] of relays.entries()) boxes.push(await attach(relay, `box${i}`, rule));
  kernel.plug(PART, disk(1, "loop0p1"));
  const holders = async (): Promise<number[]> => {
    const has = await Promise.all(boxes.map(told));
    return has.flatMap((devices, i) => (devices.length > 0 ? [i] : []));
  };
  await vi.waitFor(async () => expect(await holders()).toHaveLength(1));
  const [first = 0] = await holders();
  await boxes[first]!.revoke(PART);
  await vi.waitFor(async () => expect(await holders()).toHaveLength(1));
  expect(await holders()).not.toEqual([first]);
  kernel.unplug(PART);
  await vi.waitFor(() => expect(files()).toEqual([]));
});

test.each([
  ["by its rule", async (relay: Relay) => attach(relay, "a", EXCLUSIVE), [EXCLUSIVE], true],
  ["by a grant, which comes back with it", async (relay: Relay) => granted(relay), [], true],
  ["by a rule that it has no more", async (relay: Relay) => attach(relay, "a", EXCLUSIVE), [LOOP1], false],
] as const)("a claim outlives its relay until its container is back, %s", async (_, hold, rules, stays) => {
  const { open, files } = begin();
  const first = await open();
  await hold(first);
  await first.close();
  const second = await open();
  const sharer = await attach(second, "sharer", isBlock);
  expect(await told(sharer)).toEqual([LOOP1]);
  const refused = await rejection(attach(second, "b", EXCLUSIVE));
  expect(refused).toMatchObject({ code: "HELD", message: expect.stringMatching(/: a has it/) as string });
  expect(refused).toMatchObject({ remedy: expect.stringMatching(/never be again, remove .*\.claim\./) as string });
  const a = await attach(second, "a", ...rules);
  expect((await told(a)).includes(LOOP0)).toBe(stays);
  await vi.waitFor(async () => expect((await told(sharer)).includes(LOOP0)).toBe(!stays));
  expect(files()).toHaveLength(stays ? 1 : 0);
});

async function granted(relay: Relay): Promise<void> {
  const a = await attach(relay, "a");
  await a.grant(LOOP0, { exclusive: true, access: "r" });
}

test("an attach that fails takes nothing from what its container held before, and leaves it nothing new", async () => {
  const { open, files } = begin();
  const first = await open();
  await attach(first, "a", EXCLUSIVE);
  await first.close();
  const second = await open();
  const rules = [EXCLUSIVE, `${LOOP1},exclusive`] as const;
  const failed = await rejection(attach(second, "a", ...rules, "sysname=none,required"));
  expect(failed).toMatchObject({ code: "PATH_UNUSABLE" });
  await vi.waitFor(() => expect(files()).toHaveLength(1));
  const refused = await rejection(attach(second, "b", EXCLUSIVE));
  expect(refused).toMatchObject({ code: "HELD", message: expect.stringMatching(/: a has it/) as string });
  const a = await attach(second, "a", ...rules);
  expect(await told(a)).toEqual([LOOP0, LOOP1]);
  await a.detach();
  await vi.waitFor(() => expect(files()).toEqual([]));
});

test("who removes the file of a container that will not come back frees the device", async () => {
  const { stateDir, open, files } = begin();
  const first = await open();
  await attach(first, "a", EXCLUSIVE);
  await first.close();
  const second = await open();
  const sharer = await attach(second, "sharer", isBlock);
  const [file = ""] = files();
  rmSync(join(stateDir, file));
  await vi.waitFor(async () => expect(await told(sharer)).toEqual([LOOP0, LOOP1]));
});

test("a claim of a device that went, or of another time of the machine, counts for nothing", async () => {
  const { kernel, stateDir, open, files } = begin();
  const first = await open();
  await attach(first, "a", EXCLUSIVE, `${LOOP1},exclusive`);
  await first.close();
  kernel.unplug(LOOP0);
  kernel.plug(LOOP0, disk(0));
  const second = await open();
  expect(files()).toHaveLength(1);
  expect(await told(await attach(second, "b", EXCLUSIVE))).toEqual([LOOP0]);
  await second.close();
  const rebooted = new FakeKernel();
  rebooted.plug(LOOP0, disk(0));
  await using third = await openRelay({ kernel: rebooted, runtimeDir: "/run/bridge", stateDir });
  expect(files()).toEqual([]);
  expect(await told(await attach(third, "c", EXCLUSIVE))).toEqual([LOOP0]);
});

test(`a device that relays hand over to each other ${HANDOVERS} times is never with both, and never lost`, async () => {
  const { open, files } = begin();
  const [one, other] = [await open(), await open()];
  const boxes = [await attach(one, "a", EXCLUSIVE), await attach(other, "b")] as const;
  const held: string[] = [];
  let both = 0;
  for (const box of boxes)
    box.on("forwarded", ({ action }) => {
      if (action === "add") both += held.push(box.name) > 1 ? 1 : 0;
      else held.splice(held.indexOf(box.name), 1);
    });
  held.push("a");
  for (let i = 0; i < HANDOVERS; i++) {
    const [relay, to] = i % 2 === 0 ? ([one, "b"] as const) : ([other, "a"] as const);
    await relay.transfer(LOOP0, to, { elsewhere: true });
    await vi.waitFor(() => expect(held).toEqual([to]), { interval: 1, timeout: 3000 });
    expect(files()).toHaveLength(1);
  }
  expect(both).toBe(0);
}, 60_000);

test("a device that was handed over stays with the other when its relay ends, and is handed to nobody by mistake", async () => {
  const { open } = begin();
  const [one, other] = [await open(), await open()];
  const a = await attach(one, "a", EXCLUSIVE);
  expect(await rejection(one.transfer(LOOP0, "b"))).toMatchObject({ code: "TARGET_GONE" });
  expect(await told(a)).toEqual([LOOP0]);
  await attach(other, "b");
  await one.transfer(LOOP0, "b", { elsewhere: true });
  expect(await rejection(one.transfer(LOOP0, "a"))).toMatchObject({ code: "TARGET_GONE", message: /b is attached/ });
  await other.close();
  expect(await told(a)).toEqual([]);
  const third = await open();
  expect(await told(await attach(third, "b"))).toEqual([LOOP0]);
});

test("who is denied a device that is handed to it from elsewhere lets go of it: it is not lost", async () => {
  const { open } = begin();
  const [one, other] = [await open(), await open()];
  const a = await attach(one, "a", EXCLUSIVE);
  await other.attach({ name: "b", allow: [isBlock], deny: [LOOP0] });
  await one.transfer(LOOP0, "b", { elsewhere: true });
  await vi.waitFor(async () => expect(await told(a)).toEqual([LOOP0]));
  expect(await rejection(one.transfer(LOOP0, "../b", { elsewhere: true }))).toMatchObject({ code: "NAME_INVALID" });
});

test("who removes the file of a container that is attached takes nothing from it: it is written again", async () => {
  const { stateDir, open, files } = begin();
  const a = await attach(await open(), "a", EXCLUSIVE);
  const heard: string[] = [];
  a.on("forwarded", ({ action }) => heard.push(action));
  const [file = ""] = files();
  rmSync(join(stateDir, file));
  await vi.waitFor(() => expect(files()).toEqual([file]));
  expect(await rejection(attach(await open(), "b", EXCLUSIVE))).toMatchObject({ code: "HELD" });
  expect([await told(a), heard]).toEqual([[LOOP0], []]);
});

test("of a claim and one below it, which a relay that was killed could not take back, the upper one counts for all", async () => {
  const { kernel, stateDir, open, files } = begin();
  kernel.plug(PART, disk(1, "loop0p1"));
  const before = await open();
  await attach(before, "b", EXCLUSIVE);
  const [upper = ""] = files();
  const left = readFileSync(join(stateDir, upper));
  rmSync(join(stateDir, upper));
  await before.close();
  rmSync(join(stateDir, upper), { force: true });
  const [one, other] = [await open(), await open()];
  const a = await attach(one, "a", `${PART},exclusive`);
  writeFileSync(join(stateDir, upper), left, { mode: 0o600 });
  await vi.waitFor(async () => expect(await told(a)).toEqual([]));
  expect(files()).toEqual([upper]); // and not the lower one for ever, should its container be detached now
  const b = await attach(other, "b", EXCLUSIVE);
  expect([await told(a), await told(b)]).toEqual([[], [LOOP0, PART]]);
  await b.detach();
  await vi.waitFor(async () => expect(await told(a)).toEqual([PART]));
});
