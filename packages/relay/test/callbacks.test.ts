import { expect, test } from "vitest";

import { LOOP0, LOOP1, headers, openScene } from "./scene.js";

test("who detaches from within an event hears no other", async () => {
  await using scene = await openScene();
  const box = await scene.attach();
  let heard = 0;
  box.on("forwarded", () => {
    heard++;
    void box.detach();
  });
  await box.allow("subsystem=block");
  await scene.rest();
  expect(heard).toBe(1);
});

test("who closes the relay from within an event hears no other", async () => {
  const scene = await openScene();
  const box = await scene.attach({ allow: ["subsystem=block"] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  let heard = 0;
  box.on("forwarded", () => {
    heard++;
    void scene.relay.close();
  });
  scene.kernel.change(LOOP0);
  scene.kernel.change(LOOP1);
  await scene.kernel.idle();
  expect(heard).toBe(1);
  expect(headers(listener.readAll())).toEqual([]);
});

test("a trigger from within a coldplug is told", async () => {
  await using scene = await openScene();
  const box = await scene.attach();
  const heard: string[] = [];
  box.on("forwarded", ({ action, devpath }) => {
    heard.push(`${action}@${devpath}`);
    if (heard.length === 2) void box.trigger();
  });
  await box.allow("subsystem=block");
  await scene.rest();
  expect(heard).toEqual([`add@${LOOP0}`, `add@${LOOP1}`, `change@${LOOP0}`]);
});

test("what a caller's function throws is an uncaught error, and nobody is told less for it", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: ["subsystem=block"] });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  box.on("forwarded", () => {
    throw new Error("theirs");
  });
  const thrown = await uncaught(async () => {
    scene.kernel.change(LOOP0);
    scene.kernel.change(LOOP1);
    await scene.rest();
  });
  expect(thrown).toMatchObject([{ message: "theirs" }, { message: "theirs" }]);
  expect(headers(listener.readAll())).toEqual([`change@${LOOP0}`, `change@${LOOP1}`]);
});

/** The errors that reach nobody while it works. */
async function uncaught(work: () => Promise<void>): Promise<unknown[]> {
  const others = process.listeners("uncaughtException");
  const errors: unknown[] = [];
  process.removeAllListeners("uncaughtException").on("uncaughtException", (error) => errors.push(error));
  await work();
  process.removeAllListeners("uncaughtException");
  for (const other of others) process.on("uncaughtException", other);
  return errors;
}
