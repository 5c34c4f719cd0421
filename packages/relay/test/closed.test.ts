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
