import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { DeviceDirectory, DeviceEntry } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { Stack } from "../../../test/real/stack.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { Agent } from "./world/agent.js";
import { entriesIn } from "./world/devs.js";
import { Holder } from "./world/holds.js";
import { OwnDev } from "./world/own-dev.js";

const ROOT = { uid: 0, gid: 0 };
const ZERO: DeviceEntry = { kind: "node", type: "char", major: 1, minor: 5, mode: 0o640, ...ROOT };
const FULL: DeviceEntry = { ...ZERO, minor: 7 };
const THEIRS = { theirs: FULL };
const LEFT = { zero: ZERO, "deep/zero": ZERO };

let holder: Holder;
beforeAll(async () => {
  holder = await Holder.make();
});
afterAll(() => holder.close());

describe(
  "what a killed relay put into a container's /dev, when the next one has another process",
  needs("root"),
  () => {
    let stack: Stack;
    let base = "";
    let first: Agent;

    beforeEach(async () => {
      stack = new Stack();
      base = stack.use(temporaryDirectory()).path;
      first = await started("unshare", "-m");
      const dev = ownDev(first);
      dev.change("theirs", FULL);
      dev.leave(LEFT);
      expect(devOf(first)).toMatchObject({ ...LEFT, ...THEIRS });
    });
    afterEach(() => stack[Symbol.asyncDispose]());

    const locks = () => join(base, "locks");
    const home = () => join(base, "own.dev");
    const ownDev = ({ pid }: Agent) => new OwnDev(pid, base, { holder, locks: locks() });
    const devOf = ({ pid }: Agent) => Object.fromEntries(entriesIn(`/proc/${pid}/root/dev`, ""));

    /** The container's root puts something full where the killed relay made what it put there. Returns what that is. */
    function fillWorkshop(): Readonly<Record<string, DeviceEntry>> {
      const [, workshop = ""] = /^(?:\d+ )+(\S+)$/m.exec(readFileSync(join(home(), "made"), "utf8")) ?? [];
      mkdirSync(`/proc/${first.pid}/root/dev/${workshop}/full`, { recursive: true });
      return { [workshop]: { kind: "directory" }, [`${workshop}/full`]: { kind: "directory" } };
    }

    async function started(program: string, ...args: readonly string[]): Promise<Agent> {
      const agent = await Agent.start(program, args);
      stack.use({ [Symbol.asyncDispose]: () => agent.end() });
      return agent;
    }

    /** In a mount namespace of its own, with the same `/dev`. */
    const startBeside = () => started("nsenter", "-t", `${first.pid}`, "-m", "unshare", "-m");

    function used(directory: DeviceDirectory): DeviceDirectory {
      stack.use({ [Symbol.dispose]: () => directory.close() });
      return directory;
    }

    function open({ pid }: Agent): DeviceDirectory {
      const directory = openLinux({ lockDirectory: locks() }).openTarget({ pid }).openDeviceDirectory(home(), ROOT);
      if (typeof directory === "string") throw new Error(directory);
      return used(directory);
    }

    test("which finds the same one, stays where it is still to be, and goes with the others", async () => {
      const directory = open(await startBeside());
      directory.put("zero", ZERO);
      directory.forgetOthers();
      expect(devOf(first)).toEqual({ zero: ZERO, ...THEIRS });
      directory.close();
      expect([devOf(first), existsSync(home())]).toEqual([THEIRS, false]);
    });

    test("which finds the same one, and the first has ended, goes", async () => {
      const beside = await startBeside();
      await first.end();
      open(beside).close();
      expect([devOf(beside), existsSync(home())]).toEqual([THEIRS, false]);
    });

    test("which has another one, goes", async () => {
      const other = await startBeside();
      ownDev(other);
      const directory = open(other);
      expect(devOf(first)).toEqual(THEIRS);
      directory.close();
      expect(existsSync(home())).toBe(false);
    });

    test("and has ours cover that, goes", () => {
      const directory = used(openLinux({ lockDirectory: locks() }).openDeviceDirectory(home(), ROOT));
      expect(devOf(first)).toEqual(THEIRS);
      directory.close();
      expect(existsSync(home())).toBe(false);
    });

    test("and something full is where that one made it, is the next one's, which makes it elsewhere", () => {
      const full = fillWorkshop();
      const directory = open(first);
      directory.put("another", ZERO);
      directory.forgetOthers();
      expect(devOf(first)).toEqual({ ...THEIRS, ...full, another: ZERO });
      directory.close();
      expect([devOf(first), existsSync(home())]).toEqual([{ ...THEIRS, ...full }, false]);
    });

    test("and something full is where that one made it, and the next has another one, goes", async () => {
      const full = fillWorkshop();
      const other = await startBeside();
      ownDev(other);
      open(other).close();
      expect([devOf(first), existsSync(home())]).toEqual([{ ...THEIRS, ...full }, false]);
    });

    test("and nobody can come to it, stays noted until somebody can", async () => {
      const other = await startBeside();
      ownDev(other);
      const mntns = openSync(`/proc/${first.pid}/ns/mnt`, "r");
      stack.use({ [Symbol.dispose]: () => closeSync(mntns) });
      await first.end();
      for (let i = 0; i < 2; i++) open(other).close();
      const again = await started("nsenter", `--mount=/proc/${process.pid}/fd/${mntns}`);
      expect(devOf(again)).toMatchObject({ ...LEFT, ...THEIRS });
      open(other).close();
      expect([devOf(again), existsSync(home())]).toEqual([THEIRS, false]);
    });

    test("and the container has ended, is noted no more", async () => {
      const other = await started("unshare", "-m");
      ownDev(other);
      await first.end();
      const isNoted = (): boolean => {
        open(other).close();
        return existsSync(home());
      };
      await expect.poll(isNoted).toBe(false); // who looks at the mounts of all holds its mount namespace for a moment
    });
  },
);
