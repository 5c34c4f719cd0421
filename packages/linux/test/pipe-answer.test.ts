import { execFileSync } from "node:child_process";
import { constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { loadAddon } from "../src/addon.js";
import { pipeAnswer } from "../src/pipe-answer.js";

const PATIENCE_MS = 100;
const BUSY_MS = 3 * PATIENCE_MS;
const { O_RDWR, O_NONBLOCK } = constants;

describe("an answer that is waited for", () => {
  const addon = loadAddon();
  let directory = "";
  let pipe = -1; // both ends

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "uevent-bridge-pipe-"));
    execFileSync("mkfifo", [join(directory, "pipe")]);
    pipe = openSync(join(directory, "pipe"), O_RDWR | O_NONBLOCK);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test("is taken although its time passed while this process did something else", async () => {
    const answer = pipeAnswer(addon, pipe, 2, PATIENCE_MS);
    writeSync(pipe, "ok");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
    expect((await answer)?.toString()).toBe("ok");
  });

  test("is not waited for without end", async () => {
    expect(await pipeAnswer(addon, pipe, 2, PATIENCE_MS)).toBeUndefined();
  });
});
