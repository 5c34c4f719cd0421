import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import type { Addon } from "../src/addon.js";
import { Hand } from "../src/dev/hand.js";
import { Locks } from "../src/directory-lock.js";
import { ERRNO } from "../src/errno.js";
import { MountTables } from "../src/mount-tables.js";
import { sweep } from "../src/sweep.js";
import { openUdevDirectory } from "../src/udev-directory.js";

const PATH = 40; // where an order has it
const SLEPT = 24; // where an answer says how long it was held up
/** What an order is. */
const WORK = { put: 7, take: 9, empty: 11 };

describe("a /run/udev that is held up in the moment in which it is", () => {
  let temporary: ReturnType<typeof temporaryDirectory>;
  const above = () => join(temporary.path, ".udev");
  const path = () => join(above(), "box");
  const locks = () => join(temporary.path, ".locks");

  beforeEach(() => {
    temporary = temporaryDirectory();
  });
  afterEach(() => temporary[Symbol.dispose]());

  function toolsWith(askHand: Addon["askHand"]) {
    const addon = { ...loadAddon(), askHand };
    return { addon, locks: new Locks(addon, [locks()]), mounts: new MountTables(addon), hand: new Hand(addon) };
  }
  const answers: Addon["askHand"] = (...asked) => loadAddon().askHand(...asked);
  /** It does not answer such an order for the directory itself. */
  const held =
    (work: number): Addon["askHand"] =>
    (hand, directory, other, order, ...rest) => {
      const isIt = order[0] === work && Buffer.from(order).toString("latin1", PATH, PATH + 4) === "box\0";
      return isIt ? -ERRNO.ETIMEDOUT : loadAddon().askHand(hand, directory, other, order, ...rest);
    };

  test("removed has nobody wait, and is left to the next relay", () => {
    openUdevDirectory(toolsWith(held(WORK.take)), path()).close();
    const [lock = ""] = readdirSync(locks());
    expect([readdirSync(path()), readFileSync(join(locks(), lock), "utf8").split("\n")[1]]).toEqual([[], "made"]);
    sweep(toolsWith(held(WORK.take)), locks());
    expect(existsSync(path())).toBe(true);
    sweep(toolsWith(answers), locks());
    expect([readdirSync(above()), readdirSync(locks())]).toEqual([[], []]);
  });

  test("made has nobody wait, and is said", () => {
    expect(() => openUdevDirectory(toolsWith(held(WORK.put)), path())).toThrow(
      "box cannot be used: a program in the container",
    );
    expect(readdirSync(above())).toEqual([]);
    const directory = openUdevDirectory(toolsWith(answers), path());
    expect(statSync(path()).mode & 0o7777).toBe(0o755);
    directory.close();
  });

  test("emptied, for a short time at each step, is given up too, where no disk is waited for", () => {
    let steps = 0;
    const slow: Addon["askHand"] = (hand, directory, other, order, answer, ms) => {
      if (order[0] !== WORK.empty) return loadAddon().askHand(hand, directory, other, order, answer, ms);
      steps++;
      const view = new DataView(answer.buffer, answer.byteOffset);
      view.setInt32(0, -ERRNO.EAGAIN, true); // as it says itself
      view.setBigUint64(SLEPT, 90n, true);
      return ms > 1 ? -ERRNO.EAGAIN : -ERRNO.ETIMEDOUT;
    };
    expect(() => openUdevDirectory(toolsWith(slow), path())).toThrow("holds it up");
    expect(steps).toBeLessThan(20);
  });
});
