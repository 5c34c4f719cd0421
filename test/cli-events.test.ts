import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";

import { Cli, newName } from "./cli.js";
import { needs } from "./needs.js";
import { ROOT } from "./packages.js";
import { withLoops } from "./real/loops.js";
import { temporaryDirectory } from "./real/temporary.js";

describe("real events", () => {
  test(
    "monitor prints what the kernel says of a network device, as an ordinary user",
    needs("user namespaces"),
    async () => {
      const wrapper = [
        "unshare",
        "--user",
        "--map-root-user",
        "--net",
        "--mount",
        "sh",
        "-c",
        'mount -t sysfs sysfs /sys && exec "$@"',
        "sh",
      ];
      await using cli = new Cli(["monitor", "--json"], { wrapper });
      await cli.until("stderr", "listening");
      const create = 'import("@uevent-bridge/linux/testing").then(({ createVeth }) => createVeth("t0", "t1"))';
      const enter = [
        "--target",
        `${cli.pid}`,
        "--user",
        "--net",
        "--preserve-credentials",
        process.execPath,
        "--eval",
        create,
      ];
      expect(spawnSync("nsenter", enter, { cwd: ROOT, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
      await cli.until("stdout", /t0\/queues\/tx-0/);
      expect(await cli.interrupt()).toBe(0);
      const [first] = cli.stdout.split("\n").map((line): unknown => JSON.parse(line || "null"));
      expect(first).toMatchObject({
        type: "event",
        action: "add",
        subsystem: "net",
        env: { INTERFACE: expect.stringMatching(/^t[01]$/) as string },
      });
    },
  );

  test(
    "listen --exec runs a program for each event of its device, in order",
    needs("root", "loop devices", "unix-dgram"),
    async () => {
      using temporary = temporaryDirectory();
      using loops = withLoops(2);
      const [mine = "", other = ""] = loops.devices;
      const [box, helper, log] = ["box", "helper", "log"].map((name) => join(temporary.path, name)) as [
        string,
        string,
        string,
      ];
      writeFileSync(helper, `#!/bin/sh\necho "$1 $ACTION $DEVPATH" >>${log}\n`, { mode: 0o755 });
      await using attach = new Cli(["attach", newName(), "--allow", mine, "--socket", box]);
      await attach.until("stderr", "bind");
      await using listen = new Cli(["listen", box, "--exec", helper]);
      await listen.until("stderr", "listening");
      const lines = (): string[] => (existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : []);
      await vi.waitUntil(() => lines().length === 1, { timeout: 10_000 }); // it has been told what there is
      for (let i = 0; i < 20; i++) for (const device of [other, mine]) writeFileSync(`/sys${device}/uevent`, "change");
      await vi.waitUntil(() => lines().length === 21, { timeout: 20_000 });
      expect(lines()).toEqual([`block add ${mine}`, ...Array<string>(20).fill(`block change ${mine}`)]);
      expect(await listen.interrupt()).toBe(0);
    },
  );

  test("attach forwards those of its device and none of another's", needs("root", "loop devices"), async () => {
    using temporary = temporaryDirectory();
    using loops = withLoops(2);
    const [mine = "", other = ""] = loops.devices;
    await using attach = new Cli([
      "attach",
      newName(),
      "--json",
      "--allow",
      mine,
      "--socket",
      join(temporary.path, "box"),
    ]);
    await attach.until("stderr", "bind");
    for (let i = 0; i < 3; i++) for (const device of [other, mine]) writeFileSync(`/sys${device}/uevent`, "change");
    await attach.until("stdout", /(.*\n){3}/);
    expect(await attach.interrupt()).toBe(0);
    const events = attach.stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(events).toMatchObject(
      Array.from({ length: 3 }, () => ({ type: "event", action: "change", devpath: mine, env: { SYNTH_UUID: "0" } })),
    );
  });
});
