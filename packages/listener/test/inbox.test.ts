import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";

import type { ListenerError } from "../src/errors.js";
import type * as inboxes from "../src/inbox.js";
import { containerDirectory } from "./support/container-directory.js";
import { socketsIn } from "./support/fake-relay.js";
import { withSockets } from "./support/unix-dgram.js";

const LOOK = 100;
const END = 10;

let Inbox: typeof inboxes.Inbox;

beforeAll(async () => {
  vi.resetModules(); // files share a process
  vi.doMock("../src/idle.js", () => ({ isIdle: () => true })); // vitest holds the process, which is then a wrong guess
  ({ Inbox } = await import("../src/inbox.js"));
});
afterAll(() => {
  vi.doUnmock("../src/idle.js");
  vi.resetModules();
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const dir = join(containerDirectory(), "d");
  mkdirSync(dir);
  const lost: ListenerError[] = [];
  const inbox = new Inbox({
    dir,
    suffix: ".sock",
    onDatagram: () => {},
    onCut: () => {},
    onLost: (error) => lost.push(error),
  });
  onTestFinished(() => inbox.close());
  return { dir, inbox, lost };
}

test("while it waits for the process to end there is no socket; then there is another", withSockets, () => {
  const { dir, inbox } = open();
  const first = socketsIn(dir);
  inbox.unref();
  vi.advanceTimersByTime(LOOK);
  expect(socketsIn(dir)).toEqual([]);
  vi.advanceTimersByTime(END);
  expect(socketsIn(dir)).toHaveLength(1);
  expect(socketsIn(dir)).not.toEqual(first);
});

test("ref() while it waits brings it back at once, and for good", withSockets, () => {
  const { dir, inbox } = open();
  inbox.unref();
  vi.advanceTimersByTime(LOOK);
  inbox.ref();
  const back = socketsIn(dir);
  expect(back).toHaveLength(1);
  vi.advanceTimersByTime(100_000);
  expect(socketsIn(dir)).toEqual(back);
});

test("each wrong guess has it wait twice as long", withSockets, () => {
  const { dir, inbox } = open();
  const seen = new Set(socketsIn(dir));
  inbox.unref();
  for (let ms = 0; ms < 102_400; ms++) {
    vi.advanceTimersByTime(1);
    for (const name of socketsIn(dir)) seen.add(name);
  }
  expect(seen.size).toBeGreaterThan(8);
  expect(seen.size).toBeLessThan(14);
});

test("closed while it waits, it stays away", withSockets, () => {
  const { dir, inbox } = open();
  inbox.unref();
  vi.advanceTimersByTime(LOOK);
  inbox.close();
  inbox.ref();
  vi.advanceTimersByTime(100_000);
  expect(socketsIn(dir)).toEqual([]);
});

test("if the directory is gone by then, it says so", withSockets, () => {
  const { dir, inbox, lost } = open();
  inbox.unref();
  vi.advanceTimersByTime(LOOK);
  rmSync(dir, { recursive: true });
  vi.advanceTimersByTime(END);
  expect(lost).toMatchObject([{ code: "PATH_UNUSABLE", message: `cannot listen in ${dir} any more` }]);
});
