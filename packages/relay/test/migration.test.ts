import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { AttachOptions } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import fc from "fast-check";
import { expect, test } from "vitest";

import { History } from "./history.js";
import { disk, headers } from "./scene.js";
import { PLACES, isAtOrBelow } from "./world.js";

const LOOP = "/devices/virtual/block/loop";
const ALL = { allow: ["subsystem=*"] };

interface Plugged {
  readonly devpath: string;
  readonly subsystem: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** A host with devices, a relay on it, and a container in which one program listens. */
async function openHost(devices: readonly Plugged[], options: Partial<AttachOptions>, boot = "boot") {
  const kernel = new FakeKernel();
  kernel.boot = boot;
  for (const { devpath, ...device } of devices) kernel.plug(devpath, device);
  const relay = await openRelay({ kernel, runtimeDir: "/run/bridge" });
  const box = await relay.attach({ name: "box", deliver: { socket: true }, ...options } as AttachOptions);
  const listener = kernel.directory("/run/bridge/box").bind("a.sock", { queue: 10_000 });
  const rest = async (): Promise<readonly Uint8Array[]> => {
    await kernel.idle();
    await relay.settle();
    await kernel.idle();
    return listener.readAll();
  };
  await rest();
  return { kernel, relay, box, rest, [Symbol.asyncDispose]: () => relay.close() };
}

function loop(minor: number, more: Readonly<Record<string, string>> = {}): Plugged {
  const { subsystem, properties } = disk(minor);
  return { devpath: `${LOOP}${minor}`, subsystem, properties: { ...properties, ...more } };
}

/** From one host with loop0 and loop1 to another, where the program goes on. */
async function migrate(there: readonly Plugged[], here: readonly Plugged[], renamed?: ReadonlyMap<string, string>) {
  const { box, ...source } = await openHost(there, ALL);
  const state = await box.checkpoint();
  await source.relay.close();
  const host = await openHost(here, { coldplug: false }, "another");
  const change = await host.box.restore(state, renamed);
  const said = await host.rest();
  return { host, change, said, state };
}

test("what is not here goes, with its last properties, and what is here comes", async () => {
  const { host, change, said } = await migrate([loop(0, { MOOD: "good" }), loop(1)], [loop(2)]);
  await using _ = host;
  expect(headers(said)).toEqual([`remove@${LOOP}0`, `remove@${LOOP}1`, `add@${LOOP}2`]);
  expect(Buffer.from(said[0] ?? []).toString("latin1")).toContain("MOOD=good\0");
  expect(change).toEqual({ added: [`${LOOP}2`], removed: [`${LOOP}0`, `${LOOP}1`] });
  expect((await host.box.devices()).map(({ devpath }) => devpath)).toEqual([`${LOOP}2`]);
});

test("what is not here goes by the name under which it was told, which another may have here", async () => {
  const { box, ...source } = await openHost([loop(0)], { allow: ["subsystem=block,as=robot"] });
  const state = await box.checkpoint();
  await source.relay.close();
  await using host = await openHost([loop(1)], { coldplug: false, dev: "auto" }, "another");
  const warnings: string[] = [];
  host.box.on("warning", ({ message }) => warnings.push(message));
  await host.box.restore(state);
  const said = (await host.rest()).map((bytes) => Buffer.from(bytes).toString("latin1"));
  expect(said.map((each) => /DEVNAME=([^\0]+)/.exec(each)?.[1])).toEqual(["robot", "robot"]);
  expect(said.map((each) => each.split("\0", 1)[0])).toEqual([`remove@${LOOP}0`, `add@${LOOP}1`]);
  expect(warnings).toEqual([]);
});

test("another device at the same path goes and comes", async () => {
  const { host, change, said } = await migrate([loop(0)], [loop(0)]);
  await using _ = host;
  expect(headers(said)).toEqual([`remove@${LOOP}0`, `add@${LOOP}0`]);
  expect(change).toEqual({ added: [`${LOOP}0`], removed: [`${LOOP}0`] });
});

test("with the next relay on the same host only what changed is told", async () => {
  const { kernel, relay, box } = await openHost([loop(0), loop(1), loop(2)], ALL);
  const state = await box.checkpoint();
  await relay.close();
  kernel.change(`${LOOP}1`, { properties: { MOOD: "good" } });
  kernel.unplug(`${LOOP}2`);
  const next = await openRelay({ kernel, runtimeDir: "/run/bridge" });
  await using _ = next;
  const again = await next.attach({ name: "box", deliver: { socket: true }, coldplug: false });
  const listener = kernel.directory("/run/bridge/box").bind("b.sock", { queue: 100 });
  await kernel.idle();
  expect(await again.restore(state)).toEqual({ added: [], removed: [`${LOOP}2`] });
  await kernel.idle();
  expect(headers(listener.readAll())).toEqual([`remove@${LOOP}2`, `change@${LOOP}1`]);
});

test("rules, grants and revocations come along, by the names that devices have here", async () => {
  const { box, ...source } = await openHost([loop(0), loop(1), loop(2), loop(3)], { allow: [`${LOOP}0`, `${LOOP}3`] });
  await box.deny(`${LOOP}9`);
  await box.grant(`${LOOP}1`, { access: "r" });
  await box.grant(`${LOOP}2`);
  await box.revoke(`${LOOP}3`);
  const state = await box.checkpoint();
  await source.relay.close();
  const devices = [0, 3, 5, 6, 7, 2].map((minor) => loop(minor));
  await using host = await openHost(devices, { coldplug: false }, "another");
  const renamed = new Map([
    [`${LOOP}1`, `${LOOP}5`],
    [`${LOOP}3`, `${LOOP}6`],
  ]);
  await host.box.restore(state, renamed);
  expect((await host.box.devices()).map(({ devpath }) => devpath)).toEqual([`${LOOP}0`, `${LOOP}3`, `${LOOP}5`]);
  expect(await host.box.explain(`${LOOP}5`)).toMatchObject({ reason: "allowed", rule: `grant ${LOOP}5` });
  expect(await host.box.explain(`${LOOP}6`)).toMatchObject({ reason: "denied", rule: `revoke ${LOOP}6` });
  expect(await host.box.explain(`${LOOP}2`)).toMatchObject({ reason: "no-rule" }); // another device
});

test("what stands for another device is told anew, with all below", async () => {
  const part = { ...loop(7), devpath: `${LOOP}0/loop0p1` };
  const { host, said } = await migrate([loop(0), part], [loop(4)], new Map([[`${LOOP}0`, `${LOOP}4`]]));
  await using _ = host;
  expect(headers(said)).toEqual([`remove@${LOOP}0/loop0p1`, `remove@${LOOP}0`, `add@${LOOP}4`]);
});

test("its events are told from then on, and its outlets count from 1", async () => {
  const { host } = await migrate([loop(0)], [loop(0), loop(1)]);
  await using _ = host;
  host.kernel.change(`${LOOP}1`);
  expect(headers(await host.rest())).toEqual([`change@${LOOP}1`]);
});

test("bytes that are no state, or are damaged, change nothing", async () => {
  const { host, state } = await migrate([loop(0)], [loop(1)]);
  await using _ = host;
  const before = await host.box.devices();
  const text = Buffer.from(state).toString();
  const body = text.slice(text.indexOf("\n") + 1);
  const damaged = [new Uint8Array(), state.subarray(0, -1), Buffer.from(body), new Uint8Array(100).fill(255)];
  for (const at of [0, 30, 100, state.length - 2]) damaged.push(state.map((byte, i) => (i === at ? byte ^ 1 : byte)));
  for (const bytes of damaged) {
    await expect(host.box.restore(bytes)).rejects.toMatchObject({
      code: "STATE_DAMAGED",
      remedy: expect.stringContaining("checkpoint()") as unknown,
    });
  }
  const later = Buffer.from(text.replace("state 1 ", "state 2 "));
  await expect(host.box.restore(later)).rejects.toMatchObject({ code: "VERSION_MISMATCH" });
  expect(await host.box.devices()).toEqual(before);
  expect(await host.rest()).toEqual([]);
});

test("where it would have what another holds, it is as it was before", async () => {
  const source = await openHost([loop(0), loop(1)], ALL);
  await source.box.grant(`${LOOP}0`, { exclusive: true });
  await source.box.revoke(`${LOOP}1`);
  const state = await source.box.checkpoint();
  await source.relay.close();

  await using host = await openHost([loop(0), loop(1), loop(2)], { allow: ["sysname=loop1"], coldplug: false });
  const other = await host.relay.attach({ name: "other", allow: ["sysname=loop0,exclusive"] });
  await host.box.grant(`${LOOP}2`);
  await host.rest();
  const before = await host.box.checkpoint();
  const renamed = new Map([0, 1].map((minor) => [`${LOOP}${minor}`, `${LOOP}${minor}`]));
  await expect(host.box.restore(state, renamed)).rejects.toMatchObject({ code: "HELD" });
  expect(await host.rest()).toEqual([]);
  expect(Buffer.from(await host.box.checkpoint()).toString()).toBe(Buffer.from(before).toString());

  await other.detach();
  await host.box.restore(state, renamed);
  expect((await host.box.devices()).map(({ devpath }) => devpath)).toEqual([`${LOOP}0`, `${LOOP}2`]);
});

test("for any two hosts what is told is what is wanted, as a history that could have happened", async () => {
  const mood = fc.constantFrom("good", "bad");
  const world = fc.uniqueArray(fc.record({ place: fc.nat(PLACES.length - 1), mood }), {
    selector: ({ place }) => place,
  });
  const renames = fc.uniqueArray(fc.tuple(fc.nat(PLACES.length - 1), fc.nat(PLACES.length - 1)), {
    selector: ([from]) => from,
    maxLength: 4,
  });
  const property = fc.asyncProperty(world, world, renames, fc.boolean(), async (first, second, pairs, isSameBoot) => {
    const there = devicesOf(first);
    const renamed = new Map(pairs.map(([from, to]) => [PLACES[from]!.devpath, PLACES[to]!.devpath]));
    const { box, relay } = await openHost(there, ALL);
    const state = await box.checkpoint();
    await relay.close();
    await using host = await openHost(devicesOf(second), { coldplug: false }, isSameBoot ? "boot" : "another");
    const history = new History(true);
    for (const { devpath } of there) history.told.set(devpath, "");
    host.box.on("forwarded", ({ bytes }) => history.hear(bytes)); // heard at once, however busy the machine is
    await host.box.restore(state, renamed);
    await host.rest();
    expect(history.faults).toEqual([]);
    expect([...history.told.keys()].toSorted()).toEqual(
      devicesOf(second)
        .map(({ devpath }) => devpath)
        .toSorted(),
    );
  });
  await fc.assert(property, { numRuns: 60 });
});

/** Those whose parents are there too, parents first. */
function devicesOf(plugged: readonly { readonly place: number; readonly mood: string }[]): readonly Plugged[] {
  const moods = new Map(plugged.map(({ place, mood }) => [place, mood]));
  const places = PLACES.filter((_, i) => moods.has(i));
  return PLACES.flatMap(({ devpath, subsystem }, i) => {
    const above = PLACES.filter((each) => each.devpath !== devpath && isAtOrBelow(devpath, each.devpath));
    const isThere = moods.has(i) && above.every((each) => places.includes(each));
    return isThere ? [{ devpath, subsystem, properties: { MOOD: moods.get(i) ?? "" } }] : [];
  });
}
