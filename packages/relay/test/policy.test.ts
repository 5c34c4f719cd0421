import type { BridgeError } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { LOOP0, LOOP1, headers, latin1, openScene } from "./scene.js";

test("each change of policy tells the difference and says what it was", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0] });
  const listener = scene.listen();
  await scene.rest();
  const steps = [
    [() => box.allow(LOOP1), [`add@${LOOP1}`], { added: [LOOP1], removed: [] }],
    [() => box.allow(LOOP1), [], { added: [], removed: [] }],
    [() => box.deny("devname=loop0"), [`remove@${LOOP0}`], { added: [], removed: [LOOP0] }],
    [() => box.forget("devname=loop0"), [`add@${LOOP0}`], { added: [LOOP0], removed: [] }],
    [() => box.setPolicy({ allow: [LOOP1] }), [`remove@${LOOP0}`], { added: [], removed: [LOOP0] }],
  ] as const;
  listener.readAll();
  for (const [change, told, difference] of steps) {
    expect(await change()).toEqual(difference);
    await scene.rest();
    expect(headers(listener.readAll())).toEqual(told);
  }
});

test("words on which nothing acts are said once for each change, with their rules, and kept", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [`${LOOP0},exclusive,as=disk,owner=1:1`, "preset=base,mode=0600", LOOP1] });
  const warnings: BridgeError[] = [];
  box.on("warning", (warning) => warnings.push(warning));
  await scene.rest();
  await box.allow(LOOP1);
  await box.allow("devname=loop1,access=r");
  await scene.rest();
  expect(warnings.map(({ code, message }) => [code, message])).toEqual([
    [
      "POLICY_CONFLICT",
      `box: nothing acts yet on owner= of the rule ${LOOP0},exclusive,as=disk,owner=1:1, nor on those of 1 more`,
    ],
    ["POLICY_CONFLICT", "box: nothing acts yet on access= of the rule devname=loop1,access=r"],
  ]);
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0, LOOP1]);
});

test("a dry run says the difference and tells nothing", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  const change = await box.setPolicy({ allow: [LOOP1] }, { dryRun: true });
  expect(change).toEqual({ added: [LOOP1], removed: [LOOP0] });
  await scene.rest();
  expect(listener.readAll()).toEqual([]);
});

test.each([
  ["a term that is mistyped", "susbystem=block", "RULE_UNKNOWN_TERM", "subsystem"],
  ["a preset that there is not", "preset=bsae", "RULE_UNKNOWN_PRESET", "base"],
  ["an empty term", "subsystem=block,", "RULE_SYNTAX", ""],
])("a policy with %s changes nothing", async (_, rule, code, help) => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0] });
  const error: unknown = await box.setPolicy({ allow: [LOOP1, rule] }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "BridgeError", code, at: { offset: expect.any(Number) as number } });
  expect((error as { remedy: string }).remedy).toContain(help);
  expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP0]);
});

test("explain names the rule that decided, or why there is none", async () => {
  await using scene = await openScene();
  scene.kernel.plug("/devices/virtual/net/eth0", { subsystem: "net" });
  await scene.rest();
  const box = await scene.attach({ allow: ["subsystem=block|net"], deny: [LOOP1], deliver: { socket: true } });
  expect(await box.explain("/dev/loop0")).toMatchObject({
    reason: "allowed",
    rule: "subsystem=block|net",
    picked: LOOP0,
  });
  expect(await box.explain(`/sys${LOOP1}`)).toMatchObject({ reason: "denied", rule: LOOP1 });
  expect(await box.explain("/devices/virtual/net/eth0")).toMatchObject({ reason: "other-netns" });
  expect(await box.explain("/dev/nothing")).toMatchObject({ reason: "absent", devpath: "/dev/nothing" });
});

test("the log has the last events and what became of them here", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0] });
  scene.kernel.change(LOOP0);
  scene.kernel.change(LOOP1);
  scene.kernel.kobject("/module/x", "module");
  await scene.rest();
  const log = await box.log();
  expect(log.map(({ devpath, reason }) => [devpath, reason])).toEqual([
    [LOOP0, "allowed"],
    [LOOP1, "no-rule"],
    ["/module/x", "not-a-device"],
  ]);
});

test("trigger tells what it sees once more, as change", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: ["subsystem=block"] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  expect(await box.trigger("devname=loop1")).toBe(1);
  expect(await box.trigger()).toBe(2);
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`change@${LOOP1}`, `change@${LOOP0}`, `change@${LOOP1}`]);
});

test("what changed of a device while it was not to be seen is told to a listener that never heard it go", async () => {
  await using scene = await openScene({ limits: { waitingBytes: 1 } });
  const box = await scene.attach({ allow: ["subsystem=block"] });
  const slow = scene.listen("a.sock", { queue: 1 });
  await scene.rest(); // the second of both waits for it
  await box.deny(LOOP0);
  await scene.rest();
  scene.kernel.change(LOOP0, { properties: { MOOD: "good" } });
  await scene.rest();
  await box.forget(LOOP0);
  await scene.rest();
  const told: string[] = [];
  for (let bytes = slow.read(); bytes; bytes = slow.read()) {
    told.push(latin1(bytes));
    await scene.rest();
  }
  expect(told.filter((event) => event.includes("MOOD=good"))).toHaveLength(1);
});

test("what is denied is taken back at once, whatever else the rules must ask about first", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: ["subsystem=block"] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  const hung = scene.kernel.hang(LOOP1, "size");
  const denied = box.deny(LOOP0, "attr:size=8");
  await scene.kernel.idle();
  expect(headers(listener.readAll())).toEqual([`remove@${LOOP0}`]);
  hung.release();
  expect(await denied).toEqual({ added: [], removed: [LOOP0] });
});

test("who is let in by other words than before stays, also while it is being decided what it is", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: ["subsystem=block"], deny: ["attr:size=8"] });
  const listener = scene.listen();
  await scene.rest();
  const hung = scene.kernel.hang(LOOP0, "size");
  scene.kernel.change(LOOP0);
  await scene.kernel.idle();
  listener.readAll();
  const changed = box.setPolicy({ allow: ["subsystem=block,access=r"], deny: ["attr:size=8"] });
  await scene.kernel.idle();
  scene.kernel.plug("/devices/virtual/misc/a", { subsystem: "misc" });
  await scene.kernel.idle();
  expect(headers(listener.readAll())).toEqual([]);
  hung.release();
  expect(await changed).toEqual({ added: [], removed: [] });
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`change@${LOOP0}`]);
});

test("who stays is told as before when another has gone", async () => {
  await using scene = await openScene();
  const box = await scene.attach();
  const other = await scene.attach({ name: "other" });
  const listener = scene.listen();
  scene.kernel.change(LOOP0);
  await scene.rest();
  await box.allow(LOOP0);
  await other.detach();
  scene.kernel.change(LOOP0);
  await scene.rest();
  expect(headers(listener.readAll())).toEqual([`add@${LOOP0}`, `change@${LOOP0}`]);
});
