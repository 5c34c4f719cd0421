import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { DeviceEntry, Kernel } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { Agent } from "./world/agent.js";
import { Holder } from "./world/holds.js";
import { OwnDev } from "./world/own-dev.js";

const ROOT = { uid: 0, gid: 0 };
const ZERO: DeviceEntry = { kind: "node", type: "char", major: 1, minor: 5, mode: 0o640, ...ROOT };

let holder: Holder;
beforeAll(async () => {
  holder = await Holder.make();
});
afterAll(() => holder.close());

describe("what a killed relay left of directories of its own, when another one starts", needs("root"), () => {
  let temporary: ReturnType<typeof temporaryDirectory>;
  const at = (...names: readonly string[]) => join(temporary.path, ...names);
  const locks = () => at("run", ".locks");
  const dev = () => at("run", ".dev", "box");
  const sys = () => at("run", ".sys", "box");
  const leave = (left: object) => holder.leave({ locks: locks(), ...left });
  const mounted = () =>
    readFileSync("/proc/self/mountinfo", "latin1")
      .split("\n")
      .filter((line) => line.includes(temporary.path));
  /** Another relay, with a container of another name. */
  function start(): Kernel {
    const kernel = openLinux({ lockDirectory: locks() });
    kernel.openDirectory(at("run", "other"), ROOT).close();
    return kernel;
  }

  beforeEach(() => {
    temporary = temporaryDirectory();
    mkdirSync(at("run"));
  });
  afterEach(() => {
    for (const line of mounted().toReversed()) spawnSync("umount", ["-R", "-l", line.split(" ")[4] ?? ""]);
    temporary[Symbol.dispose]();
  });

  test("goes, with its mounts, where nobody has it", () => {
    leave({
      dev: { path: dev(), entries: { zero: ZERO } },
      sys: { path: sys(), devices: ["/devices/virtual/mem/zero"] },
      udev: { path: at("run", ".udev", "box") },
    });
    expect([mounted().length > 2, existsSync(at("run", ".udev", "box", "data"))]).toEqual([true, true]);
    start();
    expect(mounted()).toEqual([]);
    for (const kind of [".dev", ".sys", ".udev", ".locks"]) expect(readdirSync(at("run", kind))).toEqual([]);
  });

  test("of locks, those that could not be taken go, and what is not ours stays", () => {
    mkdirSync(locks());
    writeFileSync(join(locks(), "65024-1"), "");
    writeFileSync(join(locks(), "notes"), "of somebody");
    start();
    expect(readdirSync(locks())).toEqual(["notes"]);
  });

  test("stays as long as a container has it", async () => {
    leave({ dev: { path: dev(), entries: { zero: ZERO } } });
    mkdirSync(at("bound"));
    execFileSync("mount", ["--bind", join(dev(), "fs", "dev"), at("bound")]);
    start();
    expect(readdirSync(at("bound"))).toEqual(["zero"]);
    expect(readdirSync(dev())).toEqual(["fs"]);
    execFileSync("umount", [at("bound")]);
    const isGone = (): void => {
      start();
      expect([mounted(), existsSync(dev())]).toEqual([[], false]);
    };
    await vi.waitFor(isGone, { timeout: 10_000 }); // a mount namespace that another test makes has it too
  });

  test.each(["dev", "sys"] as const)(
    "with %s: what somebody has just bound elsewhere goes when that has gone",
    (kind) => {
      const kernel = openLinux({ lockDirectory: locks() });
      const open = {
        dev: () => kernel.openDeviceDirectory(dev(), ROOT),
        sys: () => kernel.openSysDirectory(sys(), ROOT),
      };
      const [opened, other] = [open[kind](), kernel.openDeviceDirectory(at("run", ".dev", "other"), ROOT)];
      other.close(); // what is mounted where has been read
      mkdirSync(at("copy"));
      execFileSync("mount", ["--rbind", at("run"), at("copy")]);
      opened.close();
      const path = { dev, sys }[kind]();
      expect([mounted().length > 0, readdirSync(path)]).toEqual([true, ["fs"]]);
      execFileSync("umount", ["-R", at("copy")]);
      start();
      expect([mounted(), existsSync(path)]).toEqual([[], false]);
    },
  );

  test("stays where a relay has taken it over", () => {
    leave({ dev: { path: dev(), entries: { zero: ZERO } } });
    const taken = openLinux({ lockDirectory: locks() }).openDeviceDirectory(dev(), ROOT);
    start();
    expect(readdirSync(taken.path)).toEqual(["zero"]);
    taken.close();
  });

  test("stays where somebody chose its path", () => {
    leave({ dev: { path: at("chosen"), entries: { zero: ZERO } } });
    start();
    expect(readdirSync(at("chosen", "fs", "dev"))).toEqual(["zero"]);
  });

  test("is not made anew where it has gone with all that it was in: only the lock goes", () => {
    leave({ udev: { path: at("gone", "run", ".udev", "box") } });
    rmSync(at("gone"), { recursive: true });
    start();
    expect([existsSync(at("gone")), readdirSync(locks())]).toEqual([false, []]);
  });

  test("is let be where a file is in the place of what it was in: only the lock goes", () => {
    leave({ udev: { path: at("gone", ".udev", "box") } });
    rmSync(at("gone"), { recursive: true });
    writeFileSync(at("gone"), "");
    start();
    expect([statSync(at("gone")).isFile(), readdirSync(locks())]).toEqual([true, []]);
  });

  test("stays as long as a container has single nodes of which it says", async () => {
    const agent = await Agent.start("unshare", ["-m"]);
    const own = new OwnDev(agent.pid, temporary.path, { holder, locks: locks() });
    leave({ dev: { path: dev(), entries: { zero: ZERO }, pid: agent.pid } });
    start();
    expect([readdirSync(dev()), [...own.entries().keys()]]).toEqual([["made"], ["zero"]]);
    await agent.end();
    const isLeft = (): boolean => {
      start();
      return existsSync(dev());
    };
    await expect.poll(isLeft, { timeout: 10_000 }).toBe(false); // who reads its mount table keeps its namespace for as long
  });
});
