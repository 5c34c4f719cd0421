import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { Locks } from "../src/directory-lock.js";
import { cgroupsOf } from "../src/rights/cgroups.js";
import { containerCgroupsOf } from "../src/rights/container-cgroups.js";
import { CGROUPS_MAX } from "../src/rights/processes-below.js";
import { openProcessRights, undoRights } from "../src/rights/open-rights.js";
import { Agent } from "./world/agent.js";
import { Cgroup, tryToOpen } from "./world/cgroups.js";
import { byUser, UID_BASE, USER } from "./world/privilege.js";

const addon = loadAddon();
const { unified: HOME = "", devices: V1 } = cgroupsOf(process.pid);
const NAMESPACES = ["unshare", "-m", "-p", "--fork", "--kill-child"];

const BY_USER = ["setpriv", "--reuid", `${USER}`, "--regid", `${USER}`, "--clear-groups", ...NAMESPACES, "-U", "-r"];

interface Started {
  /** In the host's pid namespace still. */
  readonly outside: number;
  readonly pid: number;
}

const agents: Agent[] = [];

/** The first process of a container, by a program that is in a cgroup and makes the namespaces. */
async function start(cgroup: string, ...command: readonly string[]): Promise<Started> {
  const agent = await Agent.start("sh", ["-c", `echo $$ > ${cgroup}/cgroup.procs && exec "$@"`, "sh", ...command]);
  agents.push(agent);
  const children = readFileSync(`/proc/${agent.pid}/task/${agent.pid}/children`, "latin1");
  return { outside: agent.pid, pid: Number(children.trim()) };
}

/** Its ids are others than outside. */
async function startMapped(cgroup: string): Promise<Started> {
  return start(cgroup, ...(await mapped()), ...NAMESPACES);
}

/** What enters a user namespace of its own. */
async function mapped(): Promise<readonly string[]> {
  const maker = spawn("unshare", ["-U", "sh", "-c", "echo; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void maker.kill("SIGKILL"));
  await once(maker.stdout, "data");
  for (const map of ["uid_map", "gid_map"]) writeFileSync(`/proc/${maker.pid}/${map}`, `0 ${UID_BASE} 65536\n`);
  return ["nsenter", "-t", `${maker.pid}`, "-U", "--setuid", "0", "--setgid", "0"];
}

describe.runIf(HOME !== "")("the cgroup of a container", needs("root"), () => {
  let cgroup: Cgroup;
  let [box, inner, beside] = ["", "", ""];

  const move = (pid: number, to: string): void => writeFileSync(join(to, "cgroup.procs"), `${pid}`);
  const found = (pid: number): string => relative(box, containerCgroupsOf(addon, pid).unified ?? "");
  /** The first one goes into a cgroup that it has made; who made its namespaces is elsewhere. */
  function settle({ outside, pid }: Started): number {
    move(outside, HOME);
    move(pid, inner);
    return pid;
  }

  beforeEach(() => {
    cgroup = new Cgroup([HOME]);
    box = cgroup.path;
    [inner, beside] = [join(box, "init.scope"), join(box, "app.slice")];
    for (const path of [inner, beside]) mkdirSync(path);
  });
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.end()));
    await expect.poll(() => readFileSync(join(box, "cgroup.events"), "latin1")).toContain("populated 0"); // by the first ones, which end too
    for (const path of [inner, beside]) rmdirSync(path);
    cgroup.remove();
  });

  test("is the highest that belongs to an id of its user namespace", async () => {
    const pid = settle(await startMapped(box));
    expect(found(pid)).toBe("init.scope");
    chownSync(box, UID_BASE + 7, 0);
    expect(found(pid)).toBe("");
  });

  test.each([
    ["", ""],
    ["mount -o remount,bind,ro /mnt &&", "init.scope"],
  ])("is the one that its engine has mounted for it to write to: %s", async (more, expected) => {
    const script = `mount --bind ${box} /mnt && ${more} exec "$@"`;
    expect(found(settle(await start(box, ...NAMESPACES, "sh", "-c", script, "sh")))).toBe(expected);
  });

  test.each([
    ["", ""],
    ["and in another root", "exec chroot /mnt/root"],
  ])("is the root of its cgroup namespace, whatever it finds mounted %s", async (_, run) => {
    const script = `mount -t tmpfs none /mnt && mkdir /mnt/cgroup /mnt/root && mount -t cgroup2 none /mnt/cgroup &&
      mount --bind / /mnt/root && mount --rbind /proc /mnt/root/proc && mount -o remount,bind,ro /mnt/cgroup && ${run || "exec"} "$@"`;
    const pid = settle(await start(box, ...NAMESPACES, "-C", "sh", "-c", script, "sh"));
    expect(readFileSync(`/proc/${pid}/mountinfo`, "latin1").includes("/mnt/cgroup")).toBe(run === "");
    expect(found(pid)).toBe("");
  });

  test("is no lower where it nests user namespaces or cgroup namespaces, or a program of ours runs in it", async () => {
    chownSync(box, UID_BASE + 7, 0);
    const nested = ["unshare", "-U", "-r", "-C", "unshare", "-U", "-r", "-m"]; // its cgroup namespace has the lower one as its root
    const pid = settle(await start(inner, ...(await mapped()), ...NAMESPACES, ...nested));
    const helper = spawn("nsenter", ["-t", `${pid}`, "-m", "sleep", "60"], { stdio: "ignore" });
    onTestFinished(() => void helper.kill("SIGKILL"));
    await expect.poll(() => readlinkSync(`/proc/${helper.pid}/ns/mnt`)).toBe(readlinkSync(`/proc/${pid}/ns/mnt`));
    move(helper.pid ?? 0, beside);
    expect(found(pid)).toBe("");
    move(helper.pid ?? 0, HOME);
  });

  test("is no lower where it makes so many that nobody can look into all, and nothing is said there then", async () => {
    using temporary = temporaryDirectory();
    const pid = settle(await startMapped(box));
    chownSync(box, UID_BASE, 0);
    const many = Array.from({ length: CGROUPS_MAX }, (_, i) => join(beside, `${i}`));
    for (const path of many) mkdirSync(path);
    try {
      expect(found(pid)).toBe("");
      const tools = { addon, locks: new Locks(addon, [join(temporary.path, ".locks")]) };
      expect(() => openProcessRights(tools, pid, () => false)).toThrow(/there are 1024 others or more/);
    } finally {
      for (const path of many) rmdirSync(path);
    }
  });

  test.each([
    ["is known however deep it nests others there", UID_BASE],
    ["is not known where it is nested too deep, which is said", 0],
  ])("%s", async (_, owner) => {
    const pid = settle(await startMapped(box));
    chownSync(box, owner, 0);
    const name = "n".repeat(200);
    const script = `cd ${beside}; for i in $(seq 25); do mkdir ${name}; cd ${name}; done; echo ${pid} >cgroup.procs`;
    execFileSync("bash", ["-c", script]);
    try {
      if (owner === 0) expect(() => found(pid)).toThrow(/is nested too deep: its path has more than 4000 bytes/);
      else expect(found(pid)).toBe("");
    } finally {
      move(pid, inner);
      execFileSync("find", [beside, "-mindepth", "1", "-type", "d", "-delete"]); // by no path: the kernel takes none so long
    }
  });

  test("takes not much longer to find where they are nested than where they are side by side", async () => {
    const pid = settle(await startMapped(box));
    chownSync(box, UID_BASE, 0);
    const flat = Array.from({ length: 300 }, (_, i) => join(beside, `${i}`));
    const deep = Array.from({ length: 300 }, (_, i) => join(beside, "a/".repeat(i + 1)));
    const msWith = (paths: readonly string[]): number => {
      for (const path of paths) mkdirSync(path);
      move(pid, paths.at(-1) ?? "");
      const start = performance.now();
      const path = found(pid);
      const ms = performance.now() - start;
      move(pid, inner);
      for (const each of paths.toReversed()) rmdirSync(each);
      expect(path).toBe("");
      return ms;
    };
    const times = Array.from({ length: 5 }, () => [msWith(flat), msWith(deep)] as const);
    const [side, nested] = [0, 1].map((i) => Math.min(...times.map((pair) => pair[i] ?? 0))) as [number, number];
    expect(nested / side).toBeLessThan(20); // 300, if each of those above is looked through for itself
  });

  test("is no higher where all cgroups of the host are mounted", async () => {
    expect(found(settle(await start(box, ...NAMESPACES)))).toBe("init.scope");
  });

  test("is no higher where what is above belongs to who made its user namespace", async () => {
    chownSync(box, USER, 0);
    expect(found(settle(await start(box, ...BY_USER)))).toBe("init.scope");
  });

  test("is none in which there is a process of another container", async () => {
    chownSync(box, UID_BASE, 0);
    const pid = settle(await startMapped(box));
    const other = await startMapped(box);
    move(other.outside, HOME);
    move(other.pid, beside);
    expect(found(pid)).toBe("init.scope");
    move(other.pid, HOME);
    expect(found(pid)).toBe("");
  });

  test("is none in which there is a process of the host, also of one that has no pid namespace of its own", async () => {
    chownSync(box, UID_BASE, 0);
    const { outside: pid } = await start(box, ...(await mapped()), "unshare", "-m");
    move(pid, inner);
    expect(found(pid)).toBe("");
    const host = spawn("sleep", ["60"], { stdio: "ignore" });
    onTestFinished(() => void host.kill("SIGKILL"));
    await once(host, "spawn");
    move(host.pid ?? 0, beside);
    expect(found(pid)).toBe("init.scope");
    move(host.pid ?? 0, HOME);
  });

  test("is where it is said what may be opened: by each of its programs, wherever it has put it", async () => {
    using temporary = temporaryDirectory();
    const pid = settle(await startMapped(box));
    chownSync(box, UID_BASE, 0);
    const tools = { addon, locks: new Locks(addon, [join(temporary.path, ".locks")]) };
    if (V1 !== undefined) expect(cgroupsOf(pid).devices).toBe(V1); // nothing is said there
    const rights = openProcessRights(tools, pid, () => false);
    rights.grant({ type: "char", major: 1, minor: 5 }, "rw");
    rights.forgetOthers();
    expect(rights.path).toBe(box);
    for (const path of [inner, beside])
      expect(["c 1:5 r", "c 1:7 r"].map((line) => tryToOpen([path], line))).toEqual([true, false]);
    rights.close();
    expect(tryToOpen([beside], "c 1:7 r")).toBe(true);
  });

  test("is not looked into for what a relay left by who may not ask: that one has left nothing", async () => {
    using temporary = temporaryDirectory();
    const pid = settle(await start(box, ...BY_USER));
    const tools = { addon, locks: new Locks(addon, [join(temporary.path, ".locks")]) };
    byUser(() => undoRights(tools, pid));
  });
});
