import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Addon } from "../src/addon.js";
import { loadAddon } from "../src/addon.js";
import { Hand } from "../src/dev/hand.js";
import { ERRNO } from "../src/errno.js";

const INODE = 16; // where an answer has it
const SLEPT = 24;
const SLEPT_MS = 300; // as it says itself
const LATER = 3; // times that is waited for before there is an answer
const NEVER = 100_000;
const SLICE_MS = 20; // between two looks

describe("a process that works where others may hold it up", () => {
  const addon = loadAddon();
  let path = "";
  let directory = -1;
  let asked = 0;
  let begun = 0;

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "uevent-bridge-hand-"));
    directory = openSync(path, "r");
    asked = 0;
    begun = 0;
  });
  afterEach(() => {
    closeSync(directory);
    rmSync(path, { recursive: true });
  });

  /** One that answers late, and is this process while it waits. */
  const slow = (pid: number, later: number): Addon => ({
    ...addon,
    startHand: () => (begun++, openSync(path, "r")),
    askHand: () => -ERRNO.ETIMEDOUT,
    awaitHand: (_, answer) => {
      const view = new DataView(answer.buffer, answer.byteOffset);
      view.setBigUint64(INODE, BigInt(pid), true);
      view.setBigUint64(SLEPT, BigInt(SLEPT_MS), true);
      return asked++ > 0 && asked <= later ? -ERRNO.ETIMEDOUT : 0;
    },
  });

  test("is waited for while it only has no processor", () => {
    const hand = new Hand(slow(process.pid, LATER)); // who reads of itself runs
    hand.hold();
    expect(() => hand.remove(directory, "a", 1n)).not.toThrow();
    expect(asked).toBe(LATER + 1);
    hand.letGo();
  });

  /** Milliseconds that count as held up, of one that answers after so many looks. */
  const sleptOf = (pid: number): readonly number[] => {
    const counted: number[] = [];
    asked = 0;
    const hand = new Hand(slow(pid, LATER));
    hand.hold();
    const slept = (ms: number): void => void counted.push(ms);
    const client = { isHeldUp: false, patience: 500, slept, heldUp: closeSync };
    hand.workFor(client, () => hand.remove(directory, "a", 1n));
    hand.letGo();
    return counted;
  };

  test("is not held up for the time that it has no processor", () => expect(sleptOf(process.pid)).toEqual([0]));

  test("is held up for no longer than it was found so", async () => {
    const sleeper = spawn("sleep", ["60"], { stdio: "ignore" });
    await once(sleeper, "spawn");
    await expect.poll(() => sleptOf(sleeper.pid ?? 0)).toEqual([(LATER + 1) * SLICE_MS]);
    sleeper.kill();
  });

  test("whose answer cannot be received is not asked again: the next one is, and answers to what it was asked", () => {
    let isRefused = false;
    const hand = new Hand({
      ...addon,
      startHand: () => (begun++, addon.startHand()),
      askHand: (...given) => {
        const result = addon.askHand(...given);
        if (isRefused) given[4].fill(0);
        return isRefused ? -ERRNO.EPERM : result;
      },
    });
    hand.hold();
    hand.write(directory, "first", "", 0o644);
    isRefused = true;
    expect(() => hand.write(directory, "second", "", 0o644)).toThrow("EPERM");
    isRefused = false;
    expect(hand.look(directory, "third")).toBeUndefined();
    expect(() => hand.make(directory, "a/b", { mode: 0o644 })).toThrow("ENOENT"); // it said so: it goes on
    hand.look(directory, "first");
    expect(begun).toBe(2);
    hand.letGo();
  });

  test("is given up all the same where it never has a processor", () => {
    const hand = new Hand(slow(process.pid, NEVER));
    hand.hold();
    expect(codeOf(() => hand.remove(directory, "a", 1n))).toBe("ETIMEDOUT");
    hand.letGo();
  });

  test("is given up while it sleeps, and the next one does what is asked", async () => {
    const sleeper = spawn("sleep", ["60"], { stdio: "ignore" });
    await once(sleeper, "spawn");
    const hand = new Hand(slow(sleeper.pid ?? 0, NEVER));
    hand.hold();
    await expect.poll(() => codeOf(() => hand.remove(directory, "a", 1n))).toBe("ETIMEDOUT");
    [asked, begun] = [0, 0];
    expect(codeOf(() => hand.remove(directory, "a", 1n))).toBe("ETIMEDOUT");
    expect(begun).toBe(1);
    hand.letGo();
    sleeper.kill();
  });

  test("that is stopped is given up, and ends when it goes on", async () => {
    const pids: number[] = [];
    const hand = new Hand({
      ...addon,
      awaitHand: (socket, answer, ms) => {
        const result = addon.awaitHand(socket, answer, ms);
        pids.push(Number(new DataView(answer.buffer, answer.byteOffset).getBigUint64(INODE, true)));
        return result;
      },
    });
    hand.hold();
    const like = { mode: 0o040700, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    expect(hand.make(directory, "one", like)).toBeGreaterThan(0n);
    const [first = 0] = pids;
    process.kill(first, "SIGSTOP");
    expect(codeOf(() => hand.make(directory, "two", like))).toBe("ETIMEDOUT");
    expect(hand.make(directory, "three", like)).toBeGreaterThan(0n);
    expect(pids.filter((pid) => pid > 0)).toEqual([first, expect.any(Number)]); // no answer has none
    process.kill(first, "SIGCONT");
    await expect.poll(() => codeOf(() => process.kill(first, 0))).toBe("ESRCH");
    for (const name of ["one", "three"]) rmdirSync(join(path, name));
    hand.letGo();
  });
});

function codeOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  return undefined;
}
