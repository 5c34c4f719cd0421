import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { expect, test } from "vitest";

import { loadAddon } from "../src/addon.js";

test("an addon that does not load is one clear error, with the cause kept", () => {
  const missing = { code: "ADDON_MISSING", cause: expect.any(Error) as unknown };
  expect(() => loadAddon("/nowhere")).toThrow(expect.objectContaining(missing));
  expect(() => loadAddon("/nowhere")).toThrow(/does not load on linux-.*, Node v/);
});

test("a worker thread that is terminated with open sockets takes nothing with it", async () => {
  const program = `
    const addon = require("node-gyp-build")(${JSON.stringify(new URL("..", import.meta.url).pathname)});
    globalThis.kept = Array.from({ length: 10 }, () => new addon.Watch(addon.openUeventSocket(1, 4096), () => {}));
    for (const watch of kept) watch.start(1);
    require("node:worker_threads").parentPort.postMessage("open");
  `;
  for (let i = 0; i < 5; i++) {
    const worker = new Worker(program, { eval: true });
    await once(worker, "message");
    expect(await worker.terminate()).toBe(1);
  }
});

test("what a callback throws is an uncaught exception, as everywhere in Node", async () => {
  const program = `
    const addon = require("node-gyp-build")(${JSON.stringify(new URL("..", import.meta.url).pathname)});
    const watch = new addon.Watch(addon.openUeventSocket(1, 4096), () => { watch.close(); throw new Error("thrown"); });
    watch.start(2);
  `;
  const [error] = (await once(new Worker(program, { eval: true }), "error")) as [Error];
  expect(error.message).toBe("thrown");
});

test("a closed watch is no trap", () => {
  const addon = loadAddon();
  const fd = addon.openUeventSocket(1, 4096);
  const watch = new addon.Watch(fd, () => {});
  watch.close();
  watch.close();
  expect([watch.start(1), watch.stop()]).toEqual([-9, -9]);
  watch.ref();
  watch.unref();
});

test("what cannot be watched is an error", () => {
  const addon = loadAddon();
  expect(() => new addon.Watch(-1, () => {})).toThrow("cannot be watched");
});
