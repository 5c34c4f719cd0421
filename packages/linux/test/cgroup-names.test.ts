import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { describe, expect, onTestFinished, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { Locks } from "../src/directory-lock.js";
import { cgroupsOf } from "../src/rights/cgroups.js";
import { openProcessRights, undoRights } from "../src/rights/open-rights.js";
import { Agent } from "./world/agent.js";
import { Cgroup } from "./world/cgroups.js";
import { UID_BASE } from "./world/privilege.js";

const HOME = cgroupsOf(process.pid).unified;
const PYTHON = "/usr/bin/python3"; // of Debian
const FULL = { type: "char", major: 1, minor: 7 } as const;

/** Cgroups of which the last has no path that anybody could say: there a process is put, or they are removed. */
const DEEP = `
import os, sys
box, pid = sys.argv[1:]
name = "d" * 250
os.chdir(box)
for depth in range(20):
    if pid: os.mkdir(name)
    os.chdir(name)
if pid:
    with open("cgroup.procs", "w") as procs: procs.write(pid)
else:
    for depth in range(20):
        os.chdir("..")
        os.rmdir(name)
`;

async function start(): Promise<{ readonly box: string; readonly pid: number; readonly tools: Tools }> {
  const temporary = temporaryDirectory();
  onTestFinished(() => temporary[Symbol.dispose]());
  const cgroup = new Cgroup([HOME ?? ""]);
  onTestFinished(() => cgroup.remove());
  chownSync(cgroup.path, UID_BASE, 0);
  const agent = await Agent.start("unshare", ["-m"]);
  const addon = loadAddon();
  const tools = { addon, locks: new Locks(addon, [join(temporary.path, ".locks")]) };
  agents.push(agent);
  return { box: cgroup.path, pid: agent.pid, tools };
}

type Tools = Parameters<typeof undoRights>[0];
const agents: Agent[] = [];
const endAgents = (): Promise<unknown> => Promise.all(agents.splice(0).map((agent) => agent.end()));

describe.runIf(HOME !== undefined)("a container that calls its cgroup what it likes", needs("root"), () => {
  test("has its device rights there, where that is not UTF-8", async () => {
    const { box, pid, tools } = await start();
    const odd = Buffer.concat([Buffer.from(`${box}/`), Buffer.from([0xff])]);
    mkdirSync(odd);
    onTestFinished(async () => {
      await endAgents();
      rmdirSync(odd);
    });
    writeFileSync(Buffer.concat([odd, Buffer.from("/cgroup.procs")]), `${pid}`);
    const rights = openProcessRights(tools, pid, () => false);
    rights.forgetOthers();
    const target = openLinux().openTarget({ pid });
    expect([rights.path, target.refusedBy(FULL, "rw")]).toEqual([
      `${box}/\uFFFD`,
      expect.stringContaining(`of the cgroup ${box}/\uFFFD`),
    ]);
    target.close();
    rights.close();
    undoRights(tools, pid);
  });

  test("is told what is wrong, and what helps, where that is deeper than a path can say", async () => {
    const { box, pid, tools } = await start();
    const deep = (process: string) => spawnSync(PYTHON, ["-c", DEEP, box, process], { encoding: "utf8" }).stderr;
    onTestFinished(async () => {
      await endAgents();
      expect(deep("")).toBe("");
    });
    expect(deep(`${pid}`)).toBe("");
    const works = [() => openProcessRights(tools, pid, () => false).close(), () => undoRights(tools, pid)];
    for (const work of works) {
      expect(work).toThrow(
        expect.objectContaining({
          code: "PATH_UNUSABLE",
          message: expect.stringContaining("nested too deep") as unknown,
          remedy: expect.stringContaining("--cgroup PATH") as unknown,
        }),
      );
    }
  });
});
