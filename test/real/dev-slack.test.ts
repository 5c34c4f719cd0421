import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { openLinux } from "@uevent-bridge/linux";
import { removeLoop } from "@uevent-bridge/linux/testing";
import { expect, onTestFinished, test } from "vitest";

import { needs } from "../needs.js";
import { devpathOf, plugLoop } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

/** Opens a node, and says at each line of its stdin what the descriptor that it has and a new one are good for. */
const HOLDER = `
import os, sys
def reads(fd):
    try:
        os.read(fd, 1)
        return "reads"
    except OSError as error:
        return error.strerror
def opens():
    try:
        os.close(os.open(sys.argv[1], os.O_RDONLY))
        return "opens"
    except OSError as error:
        return error.strerror
open(sys.argv[2] + "/cgroup.procs", "w").write(str(os.getpid()))
held = os.open(sys.argv[1], os.O_RDONLY)
print("ready", flush=True)
for line in sys.stdin:
    print(reads(held), "-", opens(), flush=True)
`;

test(
  "what is open stays open when the right goes, and keeps a loop device and its number",
  needs("root", "loop devices"),
  async () => {
    await using stack = new Stack();
    const { path } = stack.use(temporaryDirectory());
    const cgroup = makeCgroup();
    const loop = plugLoop();
    onTestFinished(() => removeLoop(loop));
    const [major = 0, minor = 0] = readFileSync(`/sys${devpathOf(loop)}/dev`, "latin1")
      .trim()
      .split(":")
      .map(Number);
    const number = { type: "block", major, minor } as const;
    const kernel = openLinux({ lockDirectory: join(path, "locks") });
    const directory = kernel.openDeviceDirectory(join(path, "dev"), { uid: 0, gid: 0 });
    stack.use({ [Symbol.dispose]: () => directory.close() });
    directory.put("disk", { kind: "node", ...number, mode: 0o600, uid: 0, gid: 0 });
    const rights = kernel.openDeviceRights(cgroup);
    stack.use({ [Symbol.dispose]: () => rights.close() });
    rights.grant(number, "rw");
    rights.forgetOthers();

    const holder = spawn("python3", ["-c", HOLDER, join(directory.path, "disk"), cgroup], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: holder.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => (await lines.next()).value;
    const look = (): Promise<unknown> => (holder.stdin.write("\n"), next());
    expect(await next()).toBe("ready");
    expect(await look()).toBe("reads - opens");
    rights.revoke(number);
    expect(await look()).toBe("reads - Operation not permitted");
    directory.remove("disk");
    expect(await look()).toBe("reads - No such file or directory");
    expect(() => removeLoop(loop)).toThrow(/EBUSY/); // nobody else gets its number
    holder.stdin.end();
    await once(holder, "close");
  },
);

/** In cgroup v2 or, where that is not mounted, in the controller `devices` of v1. */
function makeCgroup(): string {
  const mounts = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
  const isSought = (line: string): boolean => / - cgroup2 | - cgroup .*\bdevices\b/.test(line);
  const found = mounts.filter(isSought).toSorted((a, b) => +b.includes(" - cgroup2 ") - +a.includes(" - cgroup2 "));
  const cgroup = join(found[0]?.split(" ")[4] ?? "", `uevent-bridge-test-${process.pid}`);
  mkdirSync(cgroup);
  onTestFinished(() => rmdirSync(cgroup));
  return cgroup;
}
