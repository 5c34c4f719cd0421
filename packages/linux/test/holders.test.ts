import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { DeviceId, Target } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { describe, expect, onTestFinished, test } from "vitest";

import { isRoot } from "./world/privilege.js";

const FULL: DeviceId = { type: "char", major: 1, minor: 7 };
const ZERO: DeviceId = { type: "char", major: 1, minor: 5 };
const PYTHON = "/usr/bin/python3"; // of Debian
const PLUG_SIZE = 1 << 20; // bytes

/** Python's way to a call that its library does not have. */
const CALLS = `
import ctypes, mmap, os, signal, threading, time
libc = ctypes.CDLL(None, use_errno=True)
CLONE_FILES = 0x400
EXIT = 60 if os.uname().machine == "x86_64" else 93
def say(): print("ready", flush=True)
def stay(): signal.pause()
`;

/** A program of a container that has a mount and a pid namespace of its own, and is the first one there. It says `ready`. */
async function start(script: string): Promise<{ readonly child: ChildProcess; readonly target: Target; pid: number }> {
  const child = spawn("unshare", ["-m", "-p", "--fork", "--kill-child", PYTHON, "-c", CALLS + script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  if (child.stdout) await once(child.stdout, "data");
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "latin1").trim());
  const target = openLinux().openTarget({ pid });
  onTestFinished(() => target.close());
  return { child, target, pid };
}

describe.runIf(isRoot)("on Linux", () => {
  test.each([
    ["one that is open", "f = os.open('/dev/full', os.O_RDWR); say(); stay()"],
    ["one that is open for ioctl alone", "f = os.open('/dev/full', 3); say(); stay()"],
    [
      "one of a thread with descriptors of its own",
      `
def work():
    libc.unshare(CLONE_FILES)
    f = os.open("/dev/full", os.O_RDWR)
    say()
    time.sleep(60)
threading.Thread(target=work).start()
`,
    ],
    [
      "one of a thread whose first one has ended",
      `
def work():
    f = os.open("/dev/full", os.O_RDWR)
    time.sleep(0.2)
    say()
    time.sleep(60)
if os.fork() > 0: stay()
threading.Thread(target=work).start()
libc.syscall(EXIT, 0)
`,
    ],
  ])("%s is found", async (_, script) => {
    const { target } = await start(script);
    const { holders, more } = await target.holders([ZERO, FULL]);
    expect(holders).toEqual([
      { pid: expect.any(Number) as number, comm: expect.any(String) as string, device: FULL, how: "open" },
    ]);
    expect(more).toBe(false);
  });

  test("a descriptor that only names the node has nothing open", async () => {
    const { target } = await start("f = os.open('/dev/full', os.O_PATH); say(); stay()");
    expect(await target.holders([FULL])).toEqual({ holders: [], more: false });
  });

  test("whatever a program calls itself is said as it is", async () => {
    const name = String.raw`\x1b[2J\n) Z\xff`;
    const { target } = await start(`libc.prctl(15, b"${name}"); f = os.open("/dev/full", 0); say(); stay()`);
    const { holders } = await target.holders([FULL]);
    expect(holders.map(({ comm }) => comm)).toEqual(["\x1b[2J\n) Z\xff"]);
  });

  test("a program of the host that has the same device open is neither named nor ended", async () => {
    const fd = openSync("/dev/full", "r");
    onTestFinished(() => closeSync(fd));
    const host = spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", fd] });
    onTestFinished(() => void host.kill("SIGKILL"));
    const { target, pid } = await start("f = os.open('/dev/full', 0); say(); stay()");
    const ended = await target.endHolders([FULL]);
    expect(ended.map((each) => each.pid)).toEqual([pid]);
    await target.ended;
    expect([host.exitCode, host.signalCode]).toEqual([null, null]);
  });

  test("programs of a pid namespace below its own are its programs", async () => {
    const inner = "import os, signal; f = os.open('/dev/full', 0); print('ready', flush=True); signal.pause()";
    const { target, pid } = await start(
      `import subprocess, sys; p = subprocess.Popen(["unshare", "-p", "--fork", "python3", "-c", ${JSON.stringify(inner)}]); stay()`,
    );
    const { holders } = await target.holders([FULL]);
    expect(holders).toHaveLength(1);
    expect(holders[0]?.pid).not.toBe(pid);
    expect(await target.endHolders([FULL])).toHaveLength(1);
    expect(await target.holders([FULL])).toEqual({ holders: [], more: false });
  });

  test("behind thousands of descriptors one is found, and the relay goes on meanwhile", async () => {
    const { target } = await start(`
import resource
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
for i in range(most - 100): os.open("/dev/null", 0)
f = os.open("/dev/full", 0)
say()
stay()
`);
    let turns = 0; // of the event loop
    const timer = setInterval(() => turns++, 1);
    const { holders, more } = await target.holders([FULL]);
    clearInterval(timer);
    expect([holders.length, more]).toEqual([1, false]);
    expect(turns).toBeGreaterThan(5);
  });

  test("a file system of a block device is named with its place in the container", async () => {
    const directory = mkdtempSync(join(tmpdir(), "uevent-bridge-test-"));
    const image = join(directory, "image");
    onTestFinished(() => execFileSync("rm", ["-r", directory]) as unknown as void);
    execFileSync("truncate", ["-s", `${16 * PLUG_SIZE}`, image]);
    execFileSync("mkfs.ext4", ["-q", image]);
    const loop = execFileSync("losetup", ["--find", "--show", image], { encoding: "utf8" }).trim();
    onTestFinished(() => void execFileSync("losetup", ["--detach", loop]));
    const [major = 0, minor = 0] = readFileSync(`/sys/block/${loop.slice("/dev/".length)}/dev`, "latin1")
      .split(":")
      .map(Number);
    const place = join(directory, "a place");
    const { target, child, pid } = await start(
      `import subprocess; os.mkdir("${place}"); subprocess.check_call(["mount", "${loop}", "${place}"]); say(); stay()`,
    );
    const device = { type: "block", major, minor } as const;
    expect((await target.holders([device])).holders).toEqual([
      { pid, comm: expect.any(String) as string, device, how: "mounted", place },
    ]);
    expect(await target.endHolders([device])).toEqual([]);
    child.kill("SIGKILL");
    await once(child, "exit");
    rmdirSync(place);
  });
});
