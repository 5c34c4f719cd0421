import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { ProcessContainer } from "../../src/demo/process-container.js";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "uevent-bridge-container-"))));
afterEach(() => rmSync(directory, { recursive: true }));

/** A container whose program is not ours. */
function start(program: string): Promise<ProcessContainer> {
  const self = [process.execPath, "--eval", program];
  return ProcessContainer.start({ name: "box", directory: join(directory, "box"), own: [], self });
}

describe("a container whose program", () => {
  test("ends before it is ready does not start", async () => {
    await expect(start("")).rejects.toThrow("the demo's container box has ended");
  });

  test("ends while it is read is missed, at once", async () => {
    await using container = await start('process.send({ kind: "ready" }, () => process.exit())');
    await expect(container.sync()).rejects.toThrow("the demo's container box has ended");
    await expect(container.sync()).rejects.toThrow("the demo's container box has ended");
  });

  test("does not end by itself is ended", async () => {
    const container = await start('process.send({ kind: "ready" }); setInterval(() => {}, 1000)');
    await container[Symbol.asyncDispose]();
    expect(() => process.kill(container.target.pid ?? 0, 0)).toThrow("ESRCH");
  });
});
