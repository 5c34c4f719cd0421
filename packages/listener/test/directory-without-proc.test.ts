import type * as fs from "node:fs";

import { afterAll, beforeAll, expect, test, vi } from "vitest";

import type * as listener from "../src/index.js";
import { containerDirectory, longContainerDirectory } from "./support/container-directory.js";
import { withSockets } from "./support/unix-dgram.js";

let listen: typeof listener.listen;

beforeAll(async () => {
  vi.resetModules(); // files share a process: others have loaded it with /proc
  vi.doMock("node:fs", async (original) => ({ ...(await original<typeof fs>()), existsSync: () => false }));
  ({ listen } = await import("../src/index.js"));
});
afterAll(() => {
  vi.doUnmock("node:fs");
  vi.resetModules();
});

test("without /proc, a path that is too long is an error", withSockets, async () => {
  await expect(listen({ dir: longContainerDirectory() })).rejects.toMatchObject({
    code: "PATH_UNUSABLE",
    remedy: "Use a directory whose path has at most 73 bytes, or mount /proc.",
  });
});

test("without /proc, a short path will do", withSockets, async () => {
  await using open = await listen({ dir: containerDirectory() });
  expect(open.devices.size).toBe(0);
});
