import { existsSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, test, vi } from "vitest";

import { Holder, IDLE_FILES } from "../../packages/agent/test/holder.js";
import { AGENT, Running, until } from "../../packages/agent/test/program.js";
import { needs } from "../needs.js";

vi.setConfig({ testTimeout: 120_000 });

const OPEN = `
import errno, fcntl, os, socket, sys
def open_one(type, protocol=15):
    return socket.socket(socket.AF_NETLINK, type, protocol)
`;

/** Opens sockets without end, in a few processes. */
const FLOOD = `${OPEN}
first = os.getpid()
for _ in range(3):
    if os.getpid() == first:
        os.fork()
print("floods", flush=True)
while first in (os.getpid(), os.getppid()):
    open_one(socket.SOCK_RAW).close()
`;

/** Opens a hundred and shows for how many seconds the slowest was waited. */
const TIMED = `${OPEN}
import time
slowest = 0
for _ in range(100):
    started = time.monotonic()
    open_one(socket.SOCK_RAW).close()
    slowest = max(slowest, time.monotonic() - started)
print(slowest)
`;

/** Kills two hundred of its children while each of them asks. */
const KILLED = `${OPEN}
import random, signal, time
killed = 0
for _ in range(200):
    child = os.fork()
    while child == 0:
        open_one(socket.SOCK_RAW).close()
    time.sleep(random.random() / 100)
    os.kill(child, signal.SIGKILL)
    killed += os.waitpid(child, 0)[1] == signal.SIGKILL
print(killed)
`;

describe("a holder of many", needs("user namespaces", "debian package python3"), () => {
  test("ends by itself when nobody needs it for ten seconds, but not while a relay is connected", async () => {
    const started = performance.now();
    await using alone = await Holder.start();
    await using held = await Holder.start();
    const relay = connect(held.path);
    await until(() => alone.process.hasEnded, "it ends");
    expect(performance.now() - started).toBeGreaterThan(9900);
    expect(alone.process.process.exitCode).toBe(0);
    expect(existsSync(alone.path)).toBe(false);
    await sleep(1500);
    expect(held.process.hasEnded).toBe(false);
    relay.destroy();
  });

  test("serves 256 programs, and refuses what is beyond", async () => {
    await using holder = await Holder.start();
    const script = 'for i in $(seq 256); do "$0" exec "$1" -- sh -c "echo; exec sleep 1000" & done; wait';
    await using all = new Running("setsid", ["sh", "-c", script, AGENT, holder.path]);
    try {
      await until(() => all.lines.length === 256, "all run", 90_000);
      const next = holder.exec("true");
      expect(next.status).toBe(125);
      expect(next.stderr).toContain("256");
    } finally {
      process.kill(-all.pid, "SIGKILL");
    }
    await until(() => holder.files().length === IDLE_FILES, "all have ended");
    expect(holder.exec("true").status).toBe(0);
  });

  test("waits for no other, however fast that one asks", async () => {
    await using holder = await Holder.start();
    await using flood = holder.startPython(FLOOD);
    await until(() => flood.lines.length > 0, "it floods");
    const { status, stdout, stderr } = holder.exec("python3", "-c", TIMED);
    expect([status, stderr]).toEqual([0, ""]);
    expect(Number(stdout)).toBeLessThan(1);
  });

  test("may be killed while it asks, again and again", async () => {
    await using holder = await Holder.start();
    expect(holder.exec("python3", "-c", KILLED)).toMatchObject({ stdout: "200\n", stderr: "" });
    expect(holder.exec("true").status).toBe(0);
    await until(() => holder.files().length === IDLE_FILES, "nothing of them is kept");
  });
});
