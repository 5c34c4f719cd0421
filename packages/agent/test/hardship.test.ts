import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { AGENT, Running, startPython, until } from "./program.js";
import { REFUSE } from "./refuse.js";
import { Sender, uevent } from "./sender.js";

/** Runs a program some of whose calls are refused. */
const REFUSED = `${REFUSE}
refuse(*sys.argv[1].split())
os.execvp(sys.argv[2], sys.argv[2:])
`;

const COMMANDS = [
  ["hotplug", [], ["/bin/true"]],
  ["pipe", [], []],
  ["inject", ["unshare", "--user", "--map-root-user", "--net"], []],
] as const;

describe.each(COMMANDS)("%s", (command, by, program) => {
  const needed = needs("user namespaces", "debian package python3");

  test("without signals says so, and ends", needed, async () => {
    using directory = temporaryDirectory();
    const words = [...by, AGENT, command, "--dir", directory.path, ...program];
    await using agent = startPython(REFUSED, "signalfd4 0 0xffffffff EMFILE", ...words);
    await until(() => agent.hasEnded && agent.stderr.includes("\n"), "it ends, and why is said");
    expect(agent.process.exitCode).toBe(1);
    expect(agent.stderr).toMatch(/^uevent-agent: signals cannot be heard: too many open files. Try again/);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  test("where it cannot wait is not busy, and ends when it is asked to", needed, async () => {
    using directory = temporaryDirectory();
    const words = [...by, AGENT, command, "--dir", directory.path, ...program];
    await using agent = new Running("env", words);
    const socket = join(directory.path, "agent.sock");
    await until(() => agent.hasEnded || existsSync(socket), "it listens");
    execFileSync("prlimit", ["--nofile=1:1", "--pid", `${agent.pid}`]); // to wait for more is refused then
    await using sender = new Sender();
    await sender.send(socket, uevent("change", "/devices/a")); // it waits anew
    await sleep(200);
    const before = agent.busyMs();
    await sleep(1000);
    expect(agent.busyMs() - before).toBeLessThan(200);
    agent.process.kill("SIGTERM");
    await until(() => agent.hasEnded, "it ends");
    expect(agent.process.exitCode).toBe(0);
  });
});
