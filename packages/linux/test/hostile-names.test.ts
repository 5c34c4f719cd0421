import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

import { expect, onTestFinished, test } from "vitest";

import { cgroupFiles, confinementOf } from "../src/confinement.js";
import { parseLock } from "../src/file-lock.js";
import { pathsIn } from "../src/rights/cgroups.js";
import { recordName } from "../src/udev.js";

/** Found by fuzzing: the kernel writes a carriage return as it is, and it ends no line. */
const CGROUP = "/box/a\rb";

/** A process that calls itself so. */
async function called(name: string): Promise<number> {
  const child = spawn("sh", ["-c", `printf '${name}' > /proc/$$/comm; echo; read _`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child.pid ?? 0;
}

test.each([
  ["has more capabilities", "\\rCapBnd:\\t3fffff"],
  ["may gain no privileges", "\\rNoNewPrivs:\\t1"],
  ["has a seccomp filter", "\\rSeccomp:\\t2"],
])("a process is not held to what its name says: that it %s", async (_, name) => {
  expect(confinementOf(await called(name))).toEqual(confinementOf(process.pid));
});

test("a cgroup is found whatever byte is in its name", () => {
  expect(pathsIn(`5:devices:${CGROUP}\n0::${CGROUP}\n`)).toMatchObject({ devices: CGROUP, unified: CGROUP });
});

test("a program joins the very cgroup whatever byte is in its name", () => {
  const mount = "35 25 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n";
  expect(cgroupFiles(1, `0::${CGROUP}\n`, "0::/\n", mount)).toEqual([`/sys/fs/cgroup${CGROUP}/cgroup.procs`]);
});

test("no program joins a cgroup that cannot be understood", () => {
  const mount = readFileSync("/proc/self/mountinfo", "latin1");
  expect(() => cgroupFiles(1, "nonsense\n", "0::/\n", mount)).toThrow("cannot be reached");
});

test("a device has the entry of udev's database that is its own, whatever is in its properties", () => {
  const uevent = Buffer.from("HID_NAME=x\rMAJOR=8\rMINOR=0\n");
  expect(recordName({ devpath: "/devices/a/b", subsystem: "hid", uevent, incarnation: "1" })).toBe("+hid:b");
});

test("nobody has a number that no process has", () => {
  expect(parseLock(`${"9".repeat(400)}\n`).holder).toBe(0);
  expect(parseLock("-7\n").holder).toBe(0);
  expect(parseLock("4194304\n").holder).toBe(4194304);
});
