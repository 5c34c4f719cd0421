import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { Holder } from "./holder.js";
import { AGENT, agent, startAgent, until } from "./program.js";

const OPEN = `
import errno, fcntl, os, socket, sys
def open_one(type, protocol=15):
    return socket.socket(socket.AF_NETLINK, type, protocol)
`;

/** Shows the inode of a socket of each protocol, and keeps them. */
const INODES = `${OPEN}
for opened in open_one(socket.SOCK_RAW), open_one(socket.SOCK_RAW, 0):
    opened.bind((0, 0)) # before, no list has it
    os.dup(opened.fileno())
    print(os.fstat(opened.fileno()).st_ino, flush=True)
sys.stdin.read()
`;

/** Shows whether a socket is closed by exec, and whether it is not waited for. */
const FLAGS = `${OPEN}
for flags in 0, socket.SOCK_CLOEXEC, socket.SOCK_NONBLOCK, socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK:
    libc = __import__("ctypes").CDLL(None)
    fd = libc.socket(16, 3 | flags, 15)
    print(fcntl.fcntl(fd, fcntl.F_GETFD) & fcntl.FD_CLOEXEC, bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK))
`;

/** Shows what comes of a type that there is not, and of a process without room for a descriptor. */
const ERRORS = `${OPEN}
import resource
def error(type):
    try:
        open_one(type)
    except OSError as failure:
        return errno.errorcode[failure.errno]
print(error(9))
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
print(error(socket.SOCK_RAW))
`;

describe("a program that is run by a holder", needs("user namespaces", "debian package python3"), () => {
  test("has its uevent sockets from the holder's network namespace, and all else from its own", async () => {
    await using holder = await Holder.start();
    await using program = holder.startPython(INODES);
    await until(() => program.lines.length === 2, "it has them");
    const [uevents = "", routes = ""] = program.lines;
    expect(holder.sockets().has(uevents)).toBe(true);
    const lines = readFileSync("/proc/net/netlink", "latin1").split("\n");
    const own = lines.map((line) => line.trim().split(/\s+/).at(-1));
    expect(own).toContain(routes);
    expect(own).not.toContain(uevents);
  });

  test("has them as it asked for them", async () => {
    await using holder = await Holder.start();
    expect(holder.exec("python3", "-c", FLAGS)).toMatchObject({
      stdout: "0 False\n1 False\n0 True\n1 True\n",
      stderr: "",
    });
  });

  test("hears what is wrong as the kernel would say it", async () => {
    await using holder = await Holder.start();
    expect(holder.exec("python3", "-c", ERRORS)).toMatchObject({ stdout: "ESOCKTNOSUPPORT\nEMFILE\n", stderr: "" });
  });

  test("has what it was run with, and nothing of ours", async () => {
    await using holder = await Holder.start();
    const words = ["sh", "-c", 'ls /proc/self/fd; echo "$0 $1"; env', "a b", ""] as const;
    const alone = spawnSync(words[0], words.slice(1), { encoding: "utf8" });
    expect(holder.exec(...words).stdout).toBe(alone.stdout);
  });

  test("has the status of a program that exits", async () => {
    await using holder = await Holder.start();
    expect(holder.exec("sh", "-c", "exit 7").status).toBe(7);
  });
});

describe("who waits beside a program", needs("user namespaces"), () => {
  const WAITS = 'trap "exit 5" USR1; echo ready; while :; do sleep 0.02; done';

  test.each([
    ["exit 7", 7],
    ["kill -TERM $$", 143],
    ["kill -40 $$", 168],
    ["kill -64 $$", 192],
    ["exec /nonexistent", 127],
  ])("has its status: %s", async (script, status) => {
    await using holder = await Holder.start();
    expect(agent("exec", "--wait", holder.path, "--", "sh", "-c", script).status).toBe(status);
  });

  test("passes on what its parent sends", async () => {
    await using holder = await Holder.start();
    await using beside = startAgent("exec", "--wait", holder.path, "--", "sh", "-c", WAITS);
    await until(() => beside.lines.length > 0, "the program is ready");
    beside.process.kill("SIGUSR1");
    await until(() => beside.hasEnded, "both end");
    expect(beside.process.exitCode).toBe(5);
  });

  test("passes on nothing that another sends, and does not end by it", async () => {
    await using holder = await Holder.start();
    await using beside = startAgent("exec", "--wait", holder.path, "--", "sh", "-c", WAITS);
    await until(() => beside.lines.length > 0, "the program is ready");
    for (const signal of ["USR1", "TERM"]) execFileSync("sh", ["-c", `kill -${signal} ${beside.pid}`]);
    await sleep(200);
    expect(beside.hasEnded).toBe(false);
    beside.process.kill("SIGTERM");
    await until(() => beside.hasEnded, "both end");
    expect(beside.process.exitCode).toBe(143);
  });
});

describe("a program that cannot be run", needs("user namespaces"), () => {
  test.each([
    ["is not there", "/nonexistent", 127],
    ["is nowhere in PATH", "uevent-bridge-nonexistent", 127],
    ["may not be executed", "/etc/passwd", 126],
    ["is a directory", "/etc", 126],
    ["is empty text", "", 127],
  ])("because it %s", async (_why, program, status) => {
    await using holder = await Holder.start();
    const result = holder.exec(program);
    expect(result.status).toBe(status);
    expect(result.stderr).toContain(`cannot run ${program}: `);
  });

  test("because it is no program of this machine", async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "program");
    writeFileSync(path, "\x7fELF");
    chmodSync(path, 0o755);
    await using holder = await Holder.start();
    expect(holder.exec(path).status).toBe(126);
  });

  test("because there is no holder", () => {
    const result = agent("exec", "/nonexistent/holder", "--", "true");
    expect(result.status).toBe(125);
    expect(result.stderr).toContain("uevent-agent hold");
  });

  test("because another holder has it", async () => {
    await using holder = await Holder.start();
    const nested = holder.exec(AGENT, "exec", holder.path, "--", "true");
    expect(nested.status).toBe(125);
    expect(nested.stderr).toContain("seccomp");
  });

  test.each([[[]], [["path"]], [["path", "true"]], [["path", "--"]], [["--wait"]], [["--wait", "path", "--"]]])(
    "because the words are wrong: %j",
    (words) => {
      expect(agent("exec", ...words).status).toBe(125);
    },
  );
});
