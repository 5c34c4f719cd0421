import { expect, test } from "vitest";

import { LOOP0, openScene } from "./scene.js";

test("whoever has been detached says of every call that it is closed", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0] });
  const state = await box.checkpoint();
  await box.detach();
  const calls = {
    join: () => box.join({ pid: scene.kernel.container().pid }),
    allow: () => box.allow(LOOP0),
    deny: () => box.deny(LOOP0),
    forget: () => box.forget(LOOP0),
    setPolicy: () => box.setPolicy({ allow: [] }),
    "setPolicy, to see what it would do": () => box.setPolicy({ allow: [] }, { dryRun: true }),
    grant: () => box.grant(LOOP0),
    revoke: () => box.revoke(LOOP0),
    thaw: () => box.thaw(),
    trigger: () => box.trigger(),
    devices: () => box.devices(),
    explain: () => box.explain(LOOP0),
    log: () => box.log(),
    events: async () => box.events(),
    checkpoint: () => box.checkpoint(),
    restore: () => box.restore(state),
  };
  for (const [name, call] of Object.entries(calls))
    await expect(call(), name).rejects.toMatchObject({ code: "CLOSED" });
});

test("a relay that is closed says so of every call, whatever else is wrong with it", async () => {
  const { relay } = await openScene();
  await relay.close();
  const calls = {
    attach: () => relay.attach({ name: "no name" }),
    get: () => relay.get("box"),
    list: () => relay.list(),
    devices: () => relay.devices(),
    monitor: async () => relay.monitor(),
    transfer: () => relay.transfer(LOOP0, "no name"),
    settle: () => relay.settle(),
  };
  for (const [name, call] of Object.entries(calls))
    await expect(call(), name).rejects.toMatchObject({ code: "CLOSED" });
});

test("of rules that come when a container has been detached nothing is asked", async () => {
  await using scene = await openScene();
  const box = await scene.attach();
  const hung = scene.kernel.hang(LOOP0, "size");
  await box.detach();
  await expect(box.allow("attr:size=8")).rejects.toMatchObject({ code: "CLOSED" });
  expect([hung.waiting, hung.gaveUp]).toEqual([0, false]);
});

test("who settles and does not want to any more is told so, also where nothing is waited for", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0] });
  await scene.rest();
  const signal = AbortSignal.abort();
  await expect(box.settle({ signal })).rejects.toBe(signal.reason);
  await expect(scene.relay.settle({ signal })).rejects.toBe(signal.reason);
});
