import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { GRACE_PERIOD, isHeldUp } from "../src/dev/held-up.js";

const PID = 42;

/** Waits again and again until each processor has been seen to be elsewhere, as who unmounts does. */
const GRACE_PERIODS = `
import ctypes, os
membarrier = {"x86_64": 324, "aarch64": 283}[os.uname().machine]
call = ctypes.CDLL(None).syscall
while True: call(membarrier, 1, 0, 0) # MEMBARRIER_CMD_GLOBAL
`;

test.each([
  ["only has no processor", "R", "0", false],
  ["waits for a grace period", "D", "synchronize_rcu_expedited", false],
  ["waits for another one's grace period", "D", "exp_funnel_lock", false],
  ["waits for who reads the directory", "D", "rwsem_down_write_slowpath", true],
  ["is stopped", "T", "do_signal_stop", true],
])("a process that does not answer and %s", (_, state, wchan, expected) => {
  const proc = mkdtempSync(join(tmpdir(), "uevent-bridge-proc-"));
  onTestFinished(() => rmSync(proc, { recursive: true }));
  mkdirSync(join(proc, `${PID}`));
  writeFileSync(join(proc, `${PID}/stat`), `${PID} (hand) ${state} 1 42 42`);
  writeFileSync(join(proc, `${PID}/wchan`), wchan);
  expect(isHeldUp(PID, proc)).toBe(expected);
});

test("one that has ended is not waited for", () => expect(isHeldUp(0)).toBe(true));

test("the kernel says so of one that waits for a grace period", needs("debian package python3"), async () => {
  const waiting = spawn("python3", ["-c", GRACE_PERIODS], { stdio: "ignore" });
  onTestFinished(() => void waiting.kill());
  await once(waiting, "spawn");
  await expect.poll(() => readFileSync(`/proc/${waiting.pid}/wchan`, "latin1")).toMatch(GRACE_PERIOD);
});
