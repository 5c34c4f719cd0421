import { chmodSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";

import { Cli } from "./cli.js";
import { needs } from "./needs.js";
import { temporaryDirectory } from "./real/temporary.js";

const SUMMARY = [
  /^\d+ events on the host: box was told [1-9]\d*, other was told 0 \(\d+ hidden\)$/m,
  /^median latency \d+\.\d\d ms from the host's read to the container's read$/m,
  /^left behind: 0 mounts, 0 processes, 0 namespaces, 0 sockets$/m,
  /^next, with devices of this machine:\n( {2}\S.*\n){3}$/m,
];

/** Starts a program as an ordinary user, whoever runs the tests. */
const NOBODY = process.getuid?.() === 0 ? ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] : [];

async function expectDemo(rung: RegExp, options: ConstructorParameters<typeof Cli>[1] = {}): Promise<void> {
  await using cli = new Cli(["demo"], options);
  expect(await cli.exit(), cli.stdout).toBe(0);
  expect(cli.stderr).toBe("");
  for (const part of [rung, ...SUMMARY]) expect(cli.stdout).toMatch(part);
}

test("the demo shows the best rung of this machine and ends with 0", async () => {
  await expectDemo(/^rung [1-4] of 4: /);
});

test("root gets a loop device", needs("root", "loop devices", "user namespaces"), async () => {
  await expectDemo(/^rung 1 of 4: loop device loop\d+\. There is no better one\n/);
});

test("an ordinary user gets a network device in namespaces of its own", needs("user namespaces"), async () => {
  await expectDemo(/^rung 3 of 4: network device .*\. Better ones: a loop device \(.*run as root\), a zram device \(/, {
    wrapper: NOBODY,
  });
});

test("without unshare there are recorded datagrams", async () => {
  await expectDemo(/^rung 4 of 4: recorded datagrams .*\. Better ones: a loop device \(/, {
    env: { PATH: "/nowhere" },
  });
});

test.each(["SIGINT", "SIGTERM"] as const)("at %s the demo ends with 0 and leaves nothing", async (signal) => {
  using temporary = temporaryDirectory();
  chmodSync(temporary.path, 0o777);
  await using cli = new Cli(["demo"], { wrapper: NOBODY, env: { TMPDIR: temporary.path } });
  await expect.poll(() => readdirSync(temporary.path), { interval: 5 }).not.toEqual([]); // it can tell
  await cli.until("stdout", "host: ");
  cli.process.kill(signal);
  expect(await cli.exit()).toBe(0);
  expect(cli.stderr).toBe("");
  expect(readdirSync(temporary.path)).toEqual([]);
});
