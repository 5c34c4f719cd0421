import type { Container } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import type { Scene } from "./scene.js";
import { LOOP0, disk, openScene } from "./scene.js";

const PART = `${LOOP0}/loop0p1`;
const HANDOVERS = Number(process.env["HANDOVERS"] ?? 100);
const GRACE = { graceMs: 5 };

/** Two containers with a `/dev` and rights; the first holds loop0. */
async function begin(rules: Readonly<Record<"a" | "b", readonly string[]>> = { a: [`${LOOP0},exclusive`], b: [] }) {
  const scene = await openScene();
  const boxOf = async (name: "a" | "b") => {
    const { pid, cgroup } = scene.kernel.container();
    const box = await scene.attach({ name, pid, dev: "auto", cgroup: "auto", allow: rules[name] });
    return { box, mayOpen: () => cgroup.mayOpen("b 7:0 rw") };
  };
  const [a, b] = [await boxOf("a"), await boxOf("b")];
  /** What each has of it: told, node, right. */
  const all = async (): Promise<string> => {
    const has = async ({ box, mayOpen }: { box: Container; mayOpen: () => boolean }): Promise<string> => {
      const told = (await box.devices()).some(({ devpath }) => devpath === LOOP0);
      const node = scene.kernel.deviceDirectory(`/run/bridge/.dev/${box.name}`)?.has("loop0") ?? false;
      return new Set([told, node, mayOpen()]).size === 1 ? String(told) : `${told} ${node} ${mayOpen()}`;
    };
    return `${await has(a)} ${await has(b)}`;
  };
  return { scene, relay: scene.relay, a, b, all };
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test("a device is removed in its holder, with all of it, before it is added in the other", async () => {
  const { scene, relay, a, b, all } = await begin();
  await using _ = scene;
  scene.kernel.plug(PART, disk(1, "loop0p1"));
  await scene.rest();
  const seen: string[] = [];
  for (const { box } of [a, b])
    box.on("forwarded", ({ action, devpath }) =>
      seen.push(`${box.name} ${action} ${devpath === PART ? "part" : "disk"} ${a.mayOpen()} ${b.mayOpen()}`),
    );
  await relay.transfer(LOOP0, "b");
  expect(await all()).toBe("false true");
  expect(seen).toEqual([
    "a remove part false false",
    "a remove disk false false",
    "b add disk false true",
    "b add part false true",
  ]);
  expect(await b.box.explain(LOOP0)).toMatchObject({ reason: "allowed", rule: `grant ${LOOP0}`, holder: "b" });
  expect(await a.box.explain(LOOP0)).toMatchObject({ reason: "held", holder: "b" });
  await b.box.detach();
  await scene.rest();
  expect(await a.box.explain(LOOP0)).toMatchObject({ reason: "allowed", holder: "a" });
  expect(a.mayOpen()).toBe(true);
});

test("nobody has it during the grace time, and nobody else can take it", async () => {
  const { scene, relay, all } = await begin();
  await using _ = scene;
  const transferring = relay.transfer("/dev/loop0", "b", { graceMs: 50 });
  await scene.rest();
  expect(await all()).toBe("false false");
  expect(await rejection(relay.transfer(LOOP0, "a"))).toMatchObject({ code: "HELD" });
  await transferring;
  expect(await all()).toBe("false true");
});

test("aborted in its grace time, its holder has it again; afterwards it is too late", async () => {
  const { scene, relay, all } = await begin();
  await using _ = scene;
  const asking = new AbortController();
  const { signal } = asking;
  const transferring = rejection(relay.transfer(LOOP0, "b", { graceMs: 60_000, signal }));
  await scene.rest();
  expect(await all()).toBe("false false");
  asking.abort();
  expect(await transferring).toBe(signal.reason);
  await scene.rest();
  expect(await all()).toBe("true false");
  expect(await rejection(relay.transfer(LOOP0, "b", { signal }))).toBe(signal.reason);
  expect(await all()).toBe("true false");
  const late = new AbortController();
  await relay.transfer(LOOP0, "b", { graceMs: 5, signal: late.signal });
  late.abort();
  expect(await all()).toBe("false true");
});

test(`a device that is handed over ${HANDOVERS} times is never with both, and never lost`, async () => {
  const rule = `${LOOP0},exclusive`;
  const { scene, relay, a, b, all } = await begin({ a: [rule], b: [] });
  await using _ = scene;
  await b.box.allow("subsystem=block"); // would share it
  let both = 0;
  for (const { box } of [a, b]) box.on("forwarded", () => void (a.mayOpen() && b.mayOpen() && both++));
  const outcomes = new Set<string>();
  for (let i = 0; i < HANDOVERS; i++) {
    const to = i % 2 === 0 ? "b" : "a";
    await relay.transfer(LOOP0, to);
    outcomes.add(`${to}: ${await all()}`);
  }
  expect([...outcomes].sort()).toEqual(["a: true false", "b: false true"]);
  expect(both).toBe(0);
}, 60_000);

type Begun = Awaited<ReturnType<typeof begin>>;
const half: readonly (readonly [what: string, meanwhile: (at: Begun) => unknown, code: string, after: string])[] = [
  ["the other is detached", ({ b }) => b.box.detach(), "TARGET_GONE", "true false"],
  ["the other is denied it", ({ b }) => b.box.deny("subsystem=block"), "POLICY_CONFLICT", "true false"],
  ["the device goes", ({ scene }) => scene.kernel.unplug(LOOP0), "PATH_UNUSABLE", "false false"],
];

test.each(half)("when meanwhile %s, it is with one of them or none", async (_, meanwhile, code, after) => {
  const begun = await begin();
  const { scene, relay, b, all } = begun;
  await using __ = scene;
  const transferring = rejection(relay.transfer(LOOP0, "b", GRACE));
  await meanwhile(begun);
  expect(await transferring).toMatchObject({ code });
  await scene.rest();
  if (code !== "TARGET_GONE") expect(await all()).toBe(after);
  else expect([await begun.a.box.explain(LOOP0), b.mayOpen()]).toMatchObject([{ holder: "a" }, true]); // its cgroup is free
});

test("the holder may be detached meanwhile, and the relay be closed", async () => {
  const { scene, relay, a, b } = await begin();
  await using _ = scene;
  const transferring = relay.transfer(LOOP0, "b", GRACE);
  await a.box.detach();
  await transferring;
  expect(await b.box.explain(LOOP0)).toMatchObject({ holder: "b" });
  await scene.attach({ name: "c" });
  const closed = rejection(relay.transfer(LOOP0, "c", { graceMs: 60_000 }));
  await relay.close();
  expect(await closed).toMatchObject({ code: "CLOSED" });
});

const refused: readonly (readonly [what: string, ask: (relay: Scene["relay"]) => Promise<void>, code: string])[] = [
  ["to nobody", (relay) => relay.transfer(LOOP0, "c"), "TARGET_GONE"],
  ["of no device", (relay) => relay.transfer("/dev/loop9", "b"), "PATH_UNUSABLE"],
  ["of what nobody holds", (relay) => relay.transfer("/dev/loop1", "b"), "HELD"],
  ["of what is below what is held", (relay) => relay.transfer(PART, "b"), "HELD"],
  ["in less than no time", (relay) => relay.transfer(LOOP0, "b", { graceMs: -1 }), "POLICY_CONFLICT"],
  ["in more time than a timer takes", (relay) => relay.transfer(LOOP0, "b", { graceMs: 2 ** 31 }), "POLICY_CONFLICT"],
  ["to one that is denied it", (relay) => relay.transfer(LOOP0, "b"), "POLICY_CONFLICT"],
];

test.each(refused)("a transfer %s is refused, and changes nothing", async (what, ask, code) => {
  const { scene, relay, b, all } = await begin();
  await using _ = scene;
  scene.kernel.plug(PART, disk(1, "loop0p1"));
  if (what.includes("denied")) await b.box.deny("subsystem=block");
  await scene.rest();
  expect(await rejection(ask(relay))).toMatchObject({ code });
  await relay.transfer(LOOP0, "a"); // which has it
  expect(await all()).toBe("true false");
});
