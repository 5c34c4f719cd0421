import type { Container } from "@uevent-bridge/relay";
import { BridgeError } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { LOOP0, LOOP1, disk, headers, openScene } from "./scene.js";

const PART = `${LOOP0}/loop0p1`;
const partition = { ...disk(1), properties: { ...disk(1).properties, DEVNAME: "loop0p1", DEVTYPE: "partition" } };
const EXCLUSIVE = `${LOOP0},exclusive`;

/** Two containers, by their rules, in the order in which they are attached. */
async function begin(rules: Readonly<Record<string, readonly string[]>>) {
  const scene = await openScene();
  const warnings: string[] = [];
  const boxes: Container[] = [];
  for (const [name, allow] of Object.entries(rules)) {
    const box = await scene.attach({ name, allow });
    box.on("warning", ({ code, message }) => warnings.push(`${code} ${message}`));
    boxes.push(box);
  }
  const told = async (box: number): Promise<string[]> => (await boxes[box]!.devices()).map(({ devpath }) => devpath);
  const all = async (): Promise<string[][]> => [await told(0), await told(1)];
  return { scene, a: boxes[0]!, b: boxes[1]!, all, warnings };
}

test("a device that one container holds is not seen by another, nor is what comes below", async () => {
  const { scene, a, b, all } = await begin({ a: [EXCLUSIVE], b: ["subsystem=block"] });
  await using _ = scene;
  scene.kernel.plug(PART, partition);
  await scene.rest();
  expect(await all()).toEqual([[LOOP0, PART], [LOOP1]]);
  for (const devpath of [LOOP0, PART])
    expect(await b.explain(devpath)).toMatchObject({ reason: "held", rule: "subsystem=block", holder: "a" });
  expect(await a.explain(PART)).toMatchObject({ reason: "allowed", picked: LOOP0, holder: "a" });
  expect((await a.devices()).map(({ holder }) => holder)).toEqual(["a", "a"]);
  expect((await scene.relay.devices()).find(({ devpath }) => devpath === LOOP1)?.holder).toBeUndefined();
});

test.each([
  ["holds too", EXCLUSIVE],
  ["only sees", LOOP0],
  ["holds what is below", `${PART},exclusive`],
  ["sees what is below", PART],
])("one cannot be attached with a claim of what another %s", async (_, rule) => {
  await using scene = await openScene();
  scene.kernel.plug(PART, partition);
  await scene.rest();
  const a = await scene.attach({ name: "a", allow: [rule] });
  const before = (await a.devices()).map(({ devpath }) => devpath);
  const refused = await scene.attach({ name: "b", allow: [EXCLUSIVE] }).catch((error: unknown) => error);
  if (!(refused instanceof BridgeError)) throw new Error("it was attached");
  expect(refused.code).toBe("HELD");
  expect(`${refused.message} ${refused.remedy}`).toMatch(/loop0 alone: a has it.*transfer/);
  expect(await scene.relay.get("b")).toBeUndefined();
  expect((await a.devices()).map(({ devpath }) => devpath)).toEqual(before);
  await a.detach();
  const b = await scene.attach({ name: "b", allow: [EXCLUSIVE] });
  expect((await b.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0, PART]);
});

test("a rule or a grant that cannot be held changes nothing, and is said to whom it is refused alone", async () => {
  const { scene, b, all, warnings } = await begin({ a: [EXCLUSIVE], b: [LOOP1] });
  await using _ = scene;
  const held = { code: "HELD" };
  await expect(b.allow(EXCLUSIVE)).rejects.toMatchObject(held);
  await expect(b.setPolicy({ allow: [EXCLUSIVE] })).rejects.toMatchObject(held);
  await expect(b.grant(LOOP0, { exclusive: true })).rejects.toMatchObject(held);
  expect(await all()).toEqual([[LOOP0], [LOOP1]]);
  expect(await b.explain(LOOP0)).toMatchObject({ reason: "no-rule" });
  await scene.rest();
  expect(warnings).toEqual([]);
  expect(await b.grant(LOOP1, { exclusive: true })).toEqual({ added: [], removed: [] });
  expect(await b.explain(LOOP1)).toMatchObject({ holder: "b" });
});

test("a grant of what another holds is refused, and takes no effect when that one lets go", async () => {
  const { scene, a, b } = await begin({ a: [EXCLUSIVE], b: [LOOP1] });
  await using _ = scene;
  const refused = await b.grant(LOOP0).catch((error: unknown) => error);
  if (!(refused instanceof BridgeError)) throw new Error("it was granted");
  expect(refused).toMatchObject({ code: "HELD", message: `b cannot see ${LOOP0}: a holds it alone` });
  expect(refused.remedy).toContain(`uevent-bridge transfer ${LOOP0} b`);
  await expect(b.grant(LOOP1, { access: "r" })).resolves.toEqual({ added: [], removed: [] });
  await a.detach();
  await scene.rest();
  expect(await b.explain(LOOP0)).toMatchObject({ reason: "no-rule" });
  await b.grant(LOOP0);
  expect(await b.devices()).toHaveLength(2);
});

test("a grant that is refused leaves what was granted or taken before", async () => {
  const { scene, a, b } = await begin({ a: [LOOP1], b: [LOOP0] });
  await using _ = scene;
  await b.revoke(LOOP0);
  await a.grant(LOOP0, { exclusive: true });
  await expect(b.grant(LOOP0)).rejects.toMatchObject({ code: "HELD" });
  await a.detach();
  await scene.rest();
  expect(await b.explain(LOOP0)).toMatchObject({ reason: "denied", rule: `revoke ${LOOP0}` });
});

test.each([
  ["says so where a rule lets in only what another holds", [LOOP0, LOOP1], 1],
  ["says nothing where the rule lets in something else", ["subsystem=block", LOOP1], 0],
  ["says nothing of what is denied it as well", [LOOP1, LOOP0], 0, [LOOP0]],
])("an attach %s", async (_name, allow, count, deny: readonly string[] = []) => {
  await using scene = await openScene();
  await scene.attach({ name: "a", allow: [EXCLUSIVE] });
  const b = await scene.attach({ name: "b", allow, deny });
  const warnings: BridgeError[] = [];
  b.on("warning", (warning) => warnings.push(warning));
  await scene.rest();
  expect(warnings.map(({ message }) => message)).toEqual(
    Array(count).fill(`b sees nothing by the rule ${LOOP0}: a holds ${LOOP0} alone`),
  );
});

test("of a device that comes later the first attached has the claim, the other a warning, and no sharer sees it", async () => {
  const rule = "sysname=loop0p1,exclusive";
  const { scene, all, warnings } = await begin({ a: [rule], b: [rule] });
  await using _ = scene;
  const sharer = await scene.attach({ name: "sharer", allow: ["subsystem=block"] });
  const listener = scene.listen("a.sock", { box: "a" });
  await scene.rest();
  listener.readAll();
  scene.kernel.plug(PART, partition);
  await scene.rest();
  expect(await all()).toEqual([[PART], []]);
  expect(headers(listener.readAll())).toEqual([`add@${PART}`]);
  expect((await sharer.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0, LOOP1]);
  expect(warnings).toEqual([expect.stringMatching(/^HELD b cannot hold .*loop0p1 alone: a has it/)]);
  scene.kernel.unplug(PART);
  scene.kernel.plug(PART, partition);
  await scene.rest();
  expect(await all()).toEqual([[PART], []]);
});

test("who has changed its rules is warned as before of what comes and it cannot hold", async () => {
  const rule = "sysname=loop0p1,exclusive";
  const { scene, b, warnings } = await begin({ a: [rule], b: [rule] });
  await using _ = scene;
  await b.allow(LOOP1);
  scene.kernel.plug(PART, partition);
  await scene.rest();
  expect(warnings).toEqual([expect.stringMatching(/^HELD b cannot hold .*loop0p1 alone: a has it/)]);
});

test.each(["detach", "revoke", "forget", "deny"] as const)(
  "once the holder lets go by %s, the next one has it",
  async (way) => {
    const rule = "sysname=loop0p1,exclusive";
    const { scene, a, b, all } = await begin({ a: [rule], b: [rule] });
    await using _ = scene;
    const sharer = await scene.attach({ name: "sharer", allow: [PART] });
    scene.kernel.plug(PART, partition);
    await scene.rest();
    const order: string[] = [];
    for (const box of [a, b, sharer]) box.on("forwarded", ({ action }) => order.push(`${box.name} ${action}`));
    if (way === "detach") await a.detach();
    else if (way === "revoke") await a.revoke(PART);
    else if (way === "forget") await a.forget(rule);
    else await a.deny("devtype=partition");
    await scene.rest();
    if (way !== "detach") expect(await all()).toEqual([[], [PART]]);
    expect(order).toEqual([...(way === "detach" ? [] : ["a remove"]), "b add"]);
    await b.detach();
    await scene.rest();
    expect((await sharer.devices()).map(({ devpath }) => devpath)).toEqual([PART]);
  },
);

test("of two that hold what they see, and share nothing, one has what comes", async () => {
  const rule = "sysname=loop0p1,exclusive";
  const { scene, all } = await begin({ a: [rule], b: [rule] });
  await using _ = scene;
  scene.kernel.plug(PART, partition);
  await scene.rest();
  expect(await all()).toEqual([[PART], []]);
});

test("what one is to hold by an event and another sees it does not see before that one has let go", async () => {
  const { scene, b, all, warnings } = await begin({ a: ["env:MOOD=good,exclusive"], b: [LOOP0] });
  await using _ = scene;
  scene.kernel.change(LOOP0, { properties: { MOOD: "good" } });
  await scene.rest();
  expect(await all()).toEqual([[], [LOOP0]]);
  expect(warnings).toEqual([expect.stringMatching(/^HELD a cannot hold .*loop0 alone: b has it/)]);
  expect(await b.forget(LOOP0)).toEqual({ added: [], removed: [LOOP0] });
  expect(await all()).toEqual([[LOOP0], []]);
});

test.each([
  ["holds", "sysname=loop0p1,exclusive"],
  ["sees", "sysname=loop0p1"],
])("who waits for what another %s has it when that one was detached, though nothing else happens", async (_, rule) => {
  const { scene, a, b, all } = await begin({ a: [rule], b: ["sysname=loop0p1,env:MOOD=good,exclusive"] });
  await using _scene = scene;
  scene.kernel.plug(PART, partition);
  await scene.rest();
  scene.kernel.change(PART, { properties: { MOOD: "good" } });
  await scene.rest();
  expect(await all()).toEqual([[PART], []]);
  await a.detach();
  await scene.kernel.idle();
  expect((await b.devices()).map(({ devpath }) => devpath)).toEqual([PART]);
});

test("what a container holds by a grant is free once it was detached", async () => {
  const { scene, a, b } = await begin({ a: [], b: [] });
  await using _ = scene;
  await a.grant(LOOP0, { exclusive: true });
  await expect(b.allow(EXCLUSIVE)).rejects.toMatchObject({ code: "HELD" });
  await a.detach();
  expect(await b.allow(EXCLUSIVE)).toEqual({ added: [LOOP0], removed: [] });
});
