import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Addon } from "../src/addon.js";
import { loadAddon } from "../src/addon.js";
import { GuardedWork } from "../src/dev/guarded-work.js";
import { Hand } from "../src/dev/hand.js";

const INODE = 16; // where an answer has it
const TOO_LONG = 256; // characters of a name
const MODE = 0o644;

describe("work in a directory that somebody holds up", () => {
  let path = "";
  let directory = -1;
  let asked = 0;
  const pids: number[] = [];
  const wished = new Set<string>();

  /** Says which processes it starts, and counts what they are asked. */
  const addon: Addon = {
    ...loadAddon(),
    askHand: (...given) => (asked++, loadAddon().askHand(...given)),
    awaitHand: (socket, answer, ms) => {
      const result = loadAddon().awaitHand(socket, answer, ms);
      const pid = Number(new DataView(answer.buffer, answer.byteOffset).getBigUint64(INODE, true));
      if (pid > 0) pids.push(pid);
      return result;
    },
  };
  const hand = new Hand(addon);
  let work: GuardedWork;
  const put = (name: string): void => hand.write(directory, name, "", MODE);
  const wish = (name: string): void => {
    wished.add(name);
    work.do(() => put(name));
  };
  const stop = (): void => void process.kill(pids.at(-1) ?? 0, "SIGSTOP"); // as one who waits for a lock, it does not go on
  const goOn = (pid: number): void => void process.kill(pid, "SIGCONT");
  function* restore() {
    for (const name of wished) yield () => put(name);
  }

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "uevent-bridge-guarded-"));
    directory = openSync(path, "r");
    wished.clear();
    work = new GuardedWork(addon, hand, restore);
    wish("first");
  });
  afterEach(() => {
    work.close();
    closeSync(directory);
    rmSync(path, { recursive: true });
  });

  test("is not waited for again, and is done once it is held up no more", async () => {
    stop();
    expect(() => wish("second")).toThrow("ETIMEDOUT");
    const stopped = pids.at(-1) ?? 0;
    const before = asked;
    for (const name of ["third", "fourth"]) wish(name);
    wished.delete("third");
    expect(asked).toBe(before);
    goOn(stopped);
    await expect.poll(() => readdirSync(path).sort()).toEqual(["first", "fourth", "second"]);
    wish("fifth");
    expect(readdirSync(path)).toContain("fifth");
  });

  test("is done for others meanwhile", () => {
    stop();
    const other = new GuardedWork(addon, hand, restore);
    expect(() => wish("second")).toThrow("ETIMEDOUT");
    const stopped = pids.at(-1) ?? 0;
    other.do(() => put("other"));
    expect(readdirSync(path)).toContain("other");
    goOn(stopped);
    other.close();
  });

  test("that cannot be done later says so with the next that is to be done", async () => {
    stop();
    expect(() => wish("second")).toThrow("ETIMEDOUT");
    wished.add("n".repeat(TOO_LONG));
    goOn(pids.at(-1) ?? 0);
    await expect.poll(() => work.isHeldUp).toBe(false);
    expect(() => wish("third")).toThrow("ENAMETOOLONG");
    expect(readdirSync(path)).toContain("third");
  });

  test("that failed is done when there is room, and is tried the later the more often it failed", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const [full, tried] = ["n".repeat(TOO_LONG), () => asked];
      expect(() => wish(full)).toThrow("ENAMETOOLONG");
      wished.add("second");
      vi.advanceTimersByTime(1000);
      expect(readdirSync(path)).toContain("second");
      let before = tried();
      vi.advanceTimersByTime(1999);
      expect(tried()).toBe(before);
      vi.advanceTimersByTime(1);
      expect(tried()).toBeGreaterThan(before);
      wished.delete(full);
      wish("third");
      vi.advanceTimersByTime(4000);
      before = tried();
      vi.advanceTimersByTime(600_000);
      expect(tried()).toBe(before);
      expect(readdirSync(path).sort()).toEqual(["first", "second", "third"]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("is tried the later the longer it has held up the relay", async () => {
    for (const name of ["second", "third"]) {
      stop();
      expect(() => wish(name)).toThrow("ETIMEDOUT");
      goOn(pids.at(-1) ?? 0);
      if (name === "second") await expect.poll(() => work.isHeldUp).toBe(false);
    }
    await expect.poll(() => readdirSync(path)).toContain("third"); // by who was given up
    const before = asked;
    wish("fourth");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toBe(before);
    expect(work.isHeldUp).toBe(true);
  });
});
