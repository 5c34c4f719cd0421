import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";

import type * as inboxes from "../src/inbox.js";
import { containerDirectory, longContainerDirectory } from "./support/container-directory.js";
import { socketIn, socketsIn } from "./support/fake-relay.js";
import { withSockets } from "./support/unix-dgram.js";

const LOOK = 100;
const END = 10;
const SEEN = 1000;

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
  const inbox = new Inbox({ dir, suffix: ".sock", onDatagram: () => {}, onCut: () => {} });
  onTestFinished(() => inbox.close());
  return { dir, inbox };
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

test("if the directory is gone by then, it is back when there is another", withSockets, () => {
  const { dir, inbox } = open();
  inbox.unref();
  vi.advanceTimersByTime(LOOK);
  rmSync(dir, { recursive: true });
  vi.advanceTimersByTime(END + SEEN);
  mkdirSync(dir);
  vi.advanceTimersByTime(SEEN);
  expect(socketsIn(dir)).toHaveLength(1);
});

describe("it binds another socket within a second", withSockets, () => {
  test.each<[string, (dir: string) => void]>([
    ["if its file was removed", (dir) => rmSync(join(dir, socketIn(dir)))],
    [
      "if another file has its name",
      (dir) => {
        const path = join(dir, socketIn(dir));
        rmSync(path);
        writeFileSync(path, "");
      },
    ],
    [
      "if another directory is there",
      (dir) => {
        renameSync(dir, `${dir}-before`);
        mkdirSync(dir);
      },
    ],
    [
      "if the directory went and came",
      (dir) => {
        rmSync(dir, { recursive: true });
        vi.advanceTimersByTime(3 * SEEN);
        mkdirSync(dir);
      },
    ],
  ])("%s", (_, happening) => {
    const { dir } = open();
    const first = socketIn(dir);
    happening(dir);
    vi.advanceTimersByTime(SEEN);
    const names = readdirSync(dir).filter((name) => lstatSync(join(dir, name)).isSocket());
    expect(names).toHaveLength(1);
    expect(names).not.toEqual([first]);
  });

  test("if what was told is in doubt, and then not again", () => {
    const { dir, inbox } = open();
    const first = socketIn(dir);
    inbox.renew();
    vi.advanceTimersByTime(SEEN);
    const second = socketIn(dir);
    vi.advanceTimersByTime(10 * SEEN);
    expect(second).not.toBe(first);
    expect(socketIn(dir)).toBe(second);
  });

  test("and keeps the one that is found, also where the path is too long for a socket", () => {
    const dir = longContainerDirectory();
    const inbox = new Inbox({ dir, suffix: ".sock", onDatagram: () => {}, onCut: () => {} });
    onTestFinished(() => inbox.close());
    const first = socketIn(dir);
    vi.advanceTimersByTime(10 * SEEN);
    expect(socketIn(dir)).toBe(first);
  });
});

test("closed while there is no directory, it stays away", withSockets, () => {
  const { dir, inbox } = open();
  rmSync(dir, { recursive: true });
  vi.advanceTimersByTime(SEEN);
  inbox.close();
  mkdirSync(dir);
  vi.advanceTimersByTime(3 * SEEN);
  expect(socketsIn(dir)).toEqual([]);
});
