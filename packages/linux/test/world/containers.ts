import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import type { Containers, TestContainer, TestReader, TestUse, TestUses } from "@uevent-bridge/kernel/contract";

import type { UeventGroup } from "@uevent-bridge/kernel";
import { TestRunner, onTestFinished } from "vitest";

import { GROUPS } from "../../src/groups.js";
import { cgroupsOf } from "../../src/rights/cgroups.js";
import { Agent } from "./agent.js";
import { Cgroup } from "./cgroups.js";
import type { Leaver } from "./cgroups.js";
import { Folder } from "./directory.js";
import { OwnDev } from "./own-dev.js";
import { UID_BASE, isRoot } from "./privilege.js";

const POLL_MS = 2;

/** Starts containers, and ends those that still run. */
export class Boxes implements Containers {
  readonly #agents: Agent[] = [];
  readonly #folders: Folder[] = [];
  readonly #cgroups: Cgroup[] = [];
  readonly #users: number[] = [];
  readonly #base: string;
  readonly #leaver: Leaver;

  /** @param base a temporary directory that somebody else removes */
  constructor(base: string, leaver: Leaver) {
    this.#base = base;
    this.#leaver = leaver;
  }

  async start(userns: "own" | "initial"): Promise<TestContainer> {
    const agent = userns === "own" ? await startOwn() : await startInitial();
    this.#agents.push(agent);
    return {
      ...describeBox(agent, userns),
      mount: (options) => this.#mount(agent, options),
      uses: isRoot ? usesOf(agent, this.#users) : { missing: "needs root" },
      cgroup: isRoot ? { make: () => this.#putIntoCgroup(agent) } : { missing: "needs root" },
      ownDev: isRoot ? { make: () => new OwnDev(agent.pid, this.#base, this.#leaver) } : { missing: "needs root" },
    };
  }

  async close(): Promise<void> {
    for (const pid of this.#users) end(pid);
    await Promise.all(this.#agents.map((agent) => agent.end()));
    while (!this.#users.every(hasEnded)) await setTimeout(POLL_MS);
    for (const folder of this.#folders) folder.close();
    for (const cgroup of this.#cgroups) cgroup.remove();
  }

  /** In each hierarchy that says what may be opened. */
  #putIntoCgroup(agent: Agent): Cgroup {
    const { unified, devices } = cgroupsOf(process.pid);
    const cgroup = new Cgroup(
      [unified, devices].filter((home) => home !== undefined),
      this.#leaver,
    );
    this.#cgroups.push(cgroup);
    cgroup.take(agent.pid);
    return cgroup;
  }

  async #mount(agent: Agent, { at, readOnly = false }: { at?: string; readOnly?: boolean } = {}): Promise<Folder> {
    const folder = new Folder();
    this.#folders.push(folder);
    folder.make();
    folder.share();
    await agent.ask("bindMount", folder.path, at ?? folder.path, readOnly);
    return folder;
  }
}

/** A process in user, network and mount namespaces of its own. Root's have ids 0 … 65535 as 100000 …; others' have their own id alone. */
export function startOwn(): Promise<Agent> {
  return isRoot ? startMapped() : Agent.start("unshare", ["-U", "-r", "-n", "-m"]);
}

function startInitial(): Promise<Agent> {
  if (!isRoot) TestRunner.getCurrentTest()?.context.skip("needs root"); // the contract asks for containers of either kind, or none
  return Agent.start("unshare", ["-n", "-m"]);
}

/** The ids must be mapped before the program in it becomes root, so that another process makes the namespaces. */
async function startMapped(): Promise<Agent> {
  const maker = spawn("unshare", ["-U", "-n", "-m", "sh", "-c", "echo; exec sleep 60"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(maker.stdout, "data");
    for (const map of ["uid_map", "gid_map"]) writeFileSync(`/proc/${maker.pid}/${map}`, `0 ${UID_BASE} 65536\n`);
    return await Agent.start("nsenter", ["-t", `${maker.pid}`, "-U", "-n", "-m", "--setuid", "0", "--setgid", "0"]);
  } finally {
    maker.kill("SIGKILL");
  }
}

function describeBox(
  agent: Agent,
  userns: "own" | "initial",
): Omit<TestContainer, "mount" | "cgroup" | "uses" | "ownDev"> {
  const path = `/proc/${agent.pid}/ns/net`;
  const [uid, gid] = isRoot ? [UID_BASE, UID_BASE] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  return {
    pid: agent.pid,
    path,
    netns: BigInt(/\d+/.exec(readlinkSync(path))?.[0] ?? statSync(path).ino),
    root: userns === "own" ? { uid, gid } : { uid: 0, gid: 0 },
    reader: (options) => openReader(agent, options),
    net: {
      async plug() {
        await agent.ask("createVeth", "plugged0", "plugged1");
        return "/devices/virtual/net/plugged0";
      },
    },
    helper: noteTaker(),
    end: () => agent.end(),
  };
}

/** Programs of a container that have /dev/full open or /dev/zero mapped; they are noted. */
function usesOf(agent: Agent, users: number[]): TestUses {
  const useOf = (pid: number, minor: number): TestUse => {
    users.push(pid);
    return { pid, device: { type: "char", major: 1, minor }, hasEnded: () => hasEnded(pid) };
  };
  return {
    open: async () => useOf(await agent.ask<number>("openDevice", "/dev/full"), 7),
    map: async () => {
      await agent.ask<number>("mapDevice", "/dev/zero");
      return { pid: agent.pid, device: { type: "char", major: 1, minor: 5 }, hasEnded: () => hasEnded(agent.pid) };
    },
  };
}

function hasEnded(pid: number): boolean {
  try {
    return /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return true;
  }
}

function end(pid: number): void {
  if (!hasEnded(pid)) process.kill(pid, "SIGKILL");
}

/** A script that root of a container may run, and note what it is run for. */
function noteTaker(): { program: string; ran(): readonly string[] } {
  const directory = mkdtempSync(join(tmpdir(), "uevent-bridge-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const [program, notes] = [join(directory, "helper"), join(directory, "notes")];
  writeFileSync(notes, "");
  writeFileSync(program, `#!/bin/sh\necho "$ACTION@$DEVPATH $1" >> ${notes}\n`);
  chmodSync(directory, 0o711);
  chmodSync(program, 0o755);
  chmodSync(notes, 0o666);
  return { program, ran: () => readFileSync(notes, "utf8").split("\n").slice(0, -1) };
}

async function openReader(
  agent: Agent,
  { receiveBuffer, group = "kernel" }: { receiveBuffer?: number; group?: UeventGroup } = {},
): Promise<TestReader> {
  const { fd, inode } = await agent.ask<{ fd: number; inode: number }>("listen", receiveBuffer, GROUPS[group]);
  return {
    inode,
    read: () => agent.ask<Uint8Array | undefined>("read", fd),
    close: () => agent.ask<void>("close", fd),
  };
}
