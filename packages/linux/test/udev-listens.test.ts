import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fstatSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { ERRNO } from "../src/errno.js";
import { udevListens } from "../src/udev.js";

const addon = loadAddon();
const SOCKETS = 60_000;
/** So many sockets of another user, and a control socket, in a network and a mount namespace of their own, while a program runs. */
const FLOOD = `
import os, resource, signal, socket, subprocess, sys
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
os.mkdir("/run/udev")
control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
control.bind("/run/udev/control")
control.listen()
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
each, left, users = most - 50, int(sys.argv[1]), []
while left > 0:
    begin, go = os.pipe()
    users.append(os.fork())
    if users[-1] == 0:
        os.setuid(65534)
        held = [socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for n in range(min(each, left))]
        for n, one in enumerate(held):
            one.bind("\\0" + ("%d-%d-" % (left, n)).ljust(100, "x"))
        os.write(go, b"x")
        signal.pause()
    os.read(begin, 1)
    left -= each
status = subprocess.run(sys.argv[2:]).returncode
for user in users:
    os.kill(user, signal.SIGKILL)
sys.exit(status)
`;
/** As udevd: it listens until its input ends. */
const LISTENS = `
import socket, sys
control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
control.bind(sys.argv[1])
control.listen()
print("listens", flush=True)
sys.stdin.read()
control.setblocking(False)
try:
    control.accept()
    print("disturbed")
except BlockingIOError:
    print("undisturbed")
`;

test(
  "udevd runs as long as it has its socket, and is not disturbed by the question",
  needs("debian package python3"),
  async () => {
    using directory = temporaryDirectory();
    const control = join(directory.path, "control");
    const runs = () => udevListens(addon, control);
    expect(runs()).toBe(false);
    const udevd = spawn("python3", ["-c", LISTENS, control], { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void udevd.kill());
    const said: string[] = [];
    udevd.stdout.on("data", (bytes) => said.push(String(bytes)));
    await once(udevd.stdout, "data");
    expect(runs()).toBe(true);
    udevd.stdin.end();
    await once(udevd, "close");
    expect(said.join("")).toBe("listens\nundisturbed\n");
    expect(runs()).toBe(false); // its file is left
  },
);

test("a file is no udevd, nor what takes datagrams", () => {
  using directory = temporaryDirectory();
  const control = join(directory.path, "control");
  writeFileSync(control, "");
  expect(udevListens(addon, control)).toBe(false);
  const connected = openSync(control, "r");
  expect(udevListens({ connectSocketFile: () => connected }, control)).toBe(false);
  expect(() => fstatSync(connected)).toThrow("EBADF");
});

test("who may not ask believes the file, and what the system refuses otherwise is said", () => {
  using directory = temporaryDirectory();
  const control = join(directory.path, "control");
  writeFileSync(control, "");
  const answering = (name: "EACCES" | "EMFILE") => ({ connectSocketFile: () => -ERRNO[name] });
  expect(udevListens(answering("EACCES"), control)).toBe(true);
  expect(() => udevListens(answering("EMFILE"), control)).toThrow("EMFILE");
});

test("however many sockets another user has, the answer comes at once", needs("root", "debian package python3"), () => {
  const node = `import { openLinux } from "@uevent-bridge/linux";
    const { udevRuns } = openLinux();
    const asked = Array.from({ length: 5 }, () => [performance.now(), udevRuns(), performance.now()]);
    console.log(JSON.stringify([asked.every(([, runs]) => runs), Math.min(...asked.map(([from, , to]) => to - from))]));`;
  const flood = [process.execPath, "--input-type=module", "-e", node];
  const { stdout } = spawnSync("unshare", ["-n", "-m", "python3", "-c", FLOOD, `${SOCKETS}`, ...flood], {
    cwd: import.meta.dirname,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [runs, ms] = JSON.parse(stdout) as [boolean, number];
  expect(runs).toBe(true);
  expect(ms).toBeLessThan(20); // to read the kernel's list of them takes some hundreds
});
