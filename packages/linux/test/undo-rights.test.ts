import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { Locks } from "../src/directory-lock.js";
import { cgroupsOf } from "../src/rights/cgroups.js";
import { openProcessRights, undoRights } from "../src/rights/open-rights.js";
import { Agent } from "./world/agent.js";
import { Cgroup } from "./world/cgroups.js";

const addon = loadAddon();
const ZERO = { type: "char", major: 1, minor: 5 } as const;
const { unified, devices } = cgroupsOf(process.pid);

describe.each([
  ["v1", devices],
  ["v2", unified],
])("what a killed relay has said in cgroup %s", needs("root"), (_, home) => {
  test.runIf(home !== undefined)("is not unsaid while a program of the host is there", async () => {
    const { cgroup, pid } = await startContainer(home ?? "");
    const { path } = temporaryPlace();
    const toolsIn = (name: string) => ({ addon, locks: new Locks(addon, [join(path, name, ".locks")]) });
    const rights = openProcessRights(toolsIn("killed"), pid, () => false);
    rights.grant(ZERO, "rw");
    rights.forgetOthers();
    cpSync(join(path, "killed"), join(path, "next"), { recursive: true }); // where nobody holds its locks
    const undo = (): void => undoRights(toolsIn("next"), pid);
    const mayOpen = (): readonly boolean[] => ["c 1:5 r", "c 1:7 r"].map((line) => cgroup.mayOpen(line));
    const host = await startHost(cgroup);
    expect(undo).toThrow(expect.objectContaining({ code: "TARGET_SHARES_HOST" }));
    expect(mayOpen()).toEqual([true, false]);
    await host.end();
    undo();
    expect(mayOpen()).toEqual([true, true]);
    rights.hold(); // what it has lost, which it would have to give back
    rights.close();
  });
});

async function startContainer(home: string): Promise<{ readonly cgroup: Cgroup; readonly pid: number }> {
  const cgroup = new Cgroup([home]);
  onTestFinished(() => cgroup.remove());
  const agent = await Agent.start("unshare", ["-m"]);
  onTestFinished(() => agent.end());
  cgroup.take(agent.pid);
  return { cgroup, pid: agent.pid };
}

function temporaryPlace(): ReturnType<typeof temporaryDirectory> {
  const temporary = temporaryDirectory();
  onTestFinished(() => temporary[Symbol.dispose]());
  return temporary;
}

async function startHost(cgroup: Cgroup): Promise<{ readonly end: () => Promise<void> }> {
  const host = spawn("sleep", ["60"], { stdio: "ignore" });
  await once(host, "spawn");
  cgroup.take(host.pid ?? 0);
  const end = async (): Promise<void> => {
    const ended = once(host, "exit");
    if (host.kill("SIGKILL")) await ended;
  };
  onTestFinished(end);
  return { end };
}
