import type * as fs from "node:fs";

import { expect, test, vi } from "vitest";

import { listen } from "../src/index.js";
import { containerDirectory, longContainerDirectory } from "./support/container-directory.js";
import { withSockets } from "./support/unix-dgram.js";

vi.mock("node:fs", async (original) => ({
  ...(await original<typeof fs>()),
  existsSync: () => false,
}));

test("without /proc, a path that is too long is an error", withSockets, async () => {
  await expect(listen({ dir: longContainerDirectory() })).rejects.toMatchObject({
    code: "PATH_UNUSABLE",
    remedy: "Use a directory whose path has at most 73 bytes, or mount /proc.",
  });
});

test("without /proc, a short path will do", withSockets, async () => {
  await using listener = await listen({ dir: containerDirectory() });
  expect(listener.devices.size).toBe(0);
});
