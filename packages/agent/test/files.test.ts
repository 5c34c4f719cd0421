import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { AGENT, Running, startAgent, until } from "./program.js";

const LOCKED = needs("user namespaces", "debian package util-linux");
const TRACED = needs("root", "debian package strace", "debian package util-linux");

/** Starts each command that puts a socket into a directory, by another one if `before` is given. Resolves to how they ended. */
async function runAll(
  directory: string,
  ...before: readonly string[]
): Promise<readonly [status: number | null, stderr: string][]> {
  const options = (name: string): readonly string[] => ["--dir", directory, "--name", name]; // of two with one name the second is refused
  const commands = [
    [AGENT, "hold", join(directory, "holder")],
    [AGENT, "pipe", ...options("pipe")],
    [AGENT, "hotplug", ...options("hotplug"), "/bin/true"],
    ["unshare", "--user", "--map-root-user", "--net", AGENT, "inject", ...options("inject")],
  ];
  const all = commands.map((command) => {
    const [program = "", ...args] = [...before, ...command];
    return new Running(program, args);
  });
  try {
    await until(() => all.every((each) => each.hasEnded), "all have ended");
    return all.map(({ process, stderr }) => [process.exitCode, stderr]);
  } finally {
    for (const each of all) await each[Symbol.asyncDispose]();
  }
}

const blocksSignals = (pid: number): boolean =>
  /^SigBlk:\t.*[^0\n]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));

test("where another does not let the directory's lock go, each says so and ends", LOCKED, async () => {
  using directory = temporaryDirectory();
  await using other = new Running("flock", [directory.path, "sh", "-c", "echo locked; read _"]);
  await until(() => other.lines.includes("locked"), "the directory is locked");
  for (const [status, stderr] of await runAll(directory.path)) {
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`^uevent-agent: ${directory.path}/: .*lock.*End`));
  }
  expect(readdirSync(directory.path)).toEqual([]);
});

test("a lock that is let go delays it, and no more", LOCKED, async () => {
  using directory = temporaryDirectory();
  await using other = new Running("flock", [directory.path, "sh", "-c", "echo locked; read _"]);
  await until(() => other.lines.includes("locked"), "the directory is locked");
  await using agent = startAgent("pipe", "--dir", directory.path);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(readdirSync(directory.path)).toEqual([]);
  other.process.stdin?.end();
  await until(() => readdirSync(directory.path).includes("agent.sock") || agent.hasEnded, "it listens");
  expect(readdirSync(directory.path)).toEqual(["agent.sock"]);
});

test("one that is told to end while it puts its socket there takes it away", TRACED, async () => {
  using directory = temporaryDirectory();
  const signalled = ["strace", "-f", "-o", "/dev/null", "-e", "inject=renameat2:signal=SIGTERM"];
  const statuses = (await runAll(directory.path, ...signalled)).map(([status]) => status);
  expect(statuses).toEqual([0, 0, 0, 0]);
  expect(readdirSync(directory.path)).toEqual([]);
});

test("one that is told to end while it waits for the lock ends at once", LOCKED, async () => {
  using directory = temporaryDirectory();
  await using other = new Running("flock", [directory.path, "sh", "-c", "echo locked; read _"]);
  await until(() => other.lines.includes("locked"), "the directory is locked");
  await using agent = startAgent("pipe", "--dir", directory.path);
  await until(() => blocksSignals(agent.pid), "it is about to wait, or does");
  agent.process.kill("SIGTERM");
  await until(() => agent.hasEnded, "it has ended");
  expect({ status: agent.process.exitCode, stderr: agent.stderr }).toEqual({ status: 0, stderr: "" });
  expect(readdirSync(directory.path)).toEqual([]);
});
