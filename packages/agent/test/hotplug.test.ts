import { existsSync, readdirSync, readFileSync, writeFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { hotplugEnvironment } from "@uevent-bridge/uevent";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { hasEnded } from "../../../test/real/processes.js";
import { SOCKET_QUEUE } from "../../../test/socket-queue.js";
import { agent, startAgent, until } from "./program.js";
import type { Running } from "./program.js";
import { Sender, uevent } from "./sender.js";

describe("hotplug", needs("debian package python3"), () => {
  let sender: Sender;
  let directory: ReturnType<typeof temporaryDirectory>;
  let running: Running[];
  beforeAll(() => void (sender = new Sender()));
  afterAll(() => sender[Symbol.asyncDispose]());
  beforeEach(() => {
    directory = temporaryDirectory();
    running = [];
  });
  afterEach(async () => {
    for (const each of running) await each[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const socket = (): string => join(directory.path, "agent.sock");

  /** Starts it with a helper, a shell script that has its own directory in `$D`; it listens then. */
  async function start(script: string, ...options: readonly string[]): Promise<Running> {
    const words = ["sh", "-c", `D=${directory.path}; ${script}`];
    const started = startAgent("hotplug", "--dir", directory.path, ...options, ...words);
    running.push(started);
    await until(() => existsSync(socket()) || started.hasEnded, "it listens");
    return started;
  }

  const send = (...datagrams: readonly (string | Uint8Array)[]): Promise<readonly string[]> =>
    sender.send(socket(), ...datagrams);

  const log = (): readonly string[] => {
    const path = join(directory.path, "log");
    return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
  };

  test("runs a helper as the kernel would: the subsystem, and the event's variables alone", async () => {
    await start('env >$D/env; echo "$# $0 $(pwd) $(cat | wc -c)" >>$D/log');
    await send(uevent("add", "/devices/a", { DRIVER: "x y=z", SEQNUM: "7" }));
    await until(() => log().length === 1, "it has run");
    expect(log()).toEqual(["0 block / 0"]); // sh -c takes what follows as $0
    expect(readFileSync(join(directory.path, "env"), "utf8").trimEnd().split("\n").sort()).toEqual([
      "ACTION=add",
      "DEVPATH=/devices/a",
      "DRIVER=x y=z",
      "HOME=/",
      "PATH=/sbin:/bin:/usr/sbin:/usr/bin",
      "PWD=/",
      "SUBSYSTEM=block",
    ]);
  });

  test("gives it the variables that the helper mode in TypeScript gives", async () => {
    const source = new URL("../../uevent/src/reserved-names.ts", import.meta.url);
    const reserved = readFileSync(source, "utf8").match(/\b[A-Z][A-Z0-9_]*\b/g) ?? [];
    const near = reserved.flatMap((name) => [`${name}X`, `${name}_1`, name.slice(0, -1), `X${name}`]);
    const odd = ["a", "A-B", "1A", "_A", "", "É", "A".repeat(64), "A".repeat(65)];
    const names = [...new Set([...reserved, ...near, ...odd])].filter((name) => name !== "" && name !== "PWD");
    expect(names.length).toBeGreaterThan(500);
    await start(
      'env -u PWD -u _ -u SHLVL -u OLDPWD >"$D/$DEVPATH.part"; mv "$D/$DEVPATH.part" "$D$DEVPATH"',
      "--jobs",
      "4",
    );
    for (let i = 0; i * 40 < names.length; i++) {
      const values = { VALUE_1: "() { :; }", VALUE_2: "(){", VALUE_3: "", VALUE_4: "a=b c" };
      const variables = {
        ...Object.fromEntries(names.slice(i * 40, i * 40 + 40).map((name) => [name, "v"])),
        ...values,
      };
      const all = { ACTION: "add", DEVPATH: `/${i}`, SUBSYSTEM: "block", ...variables };
      await send(uevent("add", `/${i}`, variables));
      const path = join(directory.path, `${i}`);
      await until(() => existsSync(path), "it has run");
      const expected = hotplugEnvironment({ env: new Map(Object.entries(all)), subsystem: "block" }, { seqnum: false });
      const lines = readFileSync(path, "utf8").trimEnd().split("\n");
      expect(lines.sort()).toEqual(
        Object.entries(expected.env)
          .map(([name, value]) => `${name}=${value}`)
          .sort(),
      );
    }
  });

  test("says what is kept from a helper", async () => {
    const started = await start("true");
    await send(uevent("add", "/devices/a", { LD_PRELOAD: "/tmp/x" }));
    await until(() => started.stderr.includes("\n"), "it is said");
    expect(started.stderr).toBe("uevent-agent: add@/devices/a: /bin/sh does not get LD_PRELOAD\n");
  });

  test("keeps the order of a device, of those above it and of those below it", async () => {
    await start(
      `case $DEVPATH in /a/*) while [ ! -e $D/go ]; do sleep 0.02; done;; esac; echo "$ACTION $DEVPATH" >>$D/log`,
    );
    await send(uevent("add", "/a/b"), uevent("change", "/a"), uevent("remove", "/a/b/c"), uevent("add", "/ab"));
    await until(() => log().length === 1, "the other one has run");
    await sleep(200);
    expect(log()).toEqual(["add /ab"]);
    writeFileSync(join(directory.path, "go"), "");
    await until(() => log().length === 4, "all have run");
    expect(log()).toEqual(["add /ab", "add /a/b", "change /a", "remove /a/b/c"]);
  });

  test("has a device that moved wait for what is run where it was", async () => {
    await start('[ $ACTION = add ] && sleep 0.3; echo "$ACTION $DEVPATH" >>$D/log');
    await send(
      uevent("add", "/a/old"),
      uevent("move", "/b/new", { DEVPATH_OLD: "/a/old" }),
      uevent("change", "/b/new/x"),
    );
    await until(() => log().length === 3, "all have run");
    expect(log()).toEqual(["add /a/old", "move /b/new", "change /b/new/x"]);
  });

  test("runs as many at a time as it may, and no more", async () => {
    await start('echo "$DEVPATH" >>$D/log; while [ ! -e $D/go ]; do sleep 0.02; done', "--jobs", "3");
    await send(...["/a", "/b", "/c", "/d", "/e"].map((path) => uevent("add", path)));
    await until(() => log().length === 3, "three run");
    await sleep(200);
    expect([...log()].sort()).toEqual(["/a", "/b", "/c"]);
    writeFileSync(join(directory.path, "go"), "");
    await until(() => log().length === 5, "all have run");
  });

  test("ends one that hangs with all that it started, says so, and runs the next", async () => {
    const started = await start(
      `[ $ACTION = change ] && echo changed >>$D/log && exit; trap "" TERM; sleep 1000 & echo $! >>$D/log; wait; sleep 1000`,
      "--timeout",
      "5",
    );
    await send(uevent("add", "/a"), uevent("change", "/a"));
    await until(() => log().length === 2, "the next has run");
    const [child = "", next] = log();
    expect(next).toBe("changed");
    await until(() => hasEnded(Number(child)), "what it started has ended");
    await until(() => started.stderr.includes("add@/a: /bin/sh did not end within 5 s, and is ended"), "it is said");
  });

  test("says how one failed", async () => {
    const started = await start("[ $ACTION = add ] && exit 3; kill -9 $$");
    await send(uevent("add", "/a"), uevent("remove", "/a"));
    await until(() => started.stderr.split("\n").length === 3, "it is said");
    expect(started.stderr).toBe(
      "uevent-agent: add@/a: /bin/sh exited with 3\nuevent-agent: remove@/a: /bin/sh was ended by signal 9\n",
    );
  });

  test.each([
    ["an empty one", ""],
    ["one that does not end", uevent("add", "/a").slice(0, -1)],
    ["one without a header", "ACTION=add\0DEVPATH=/a\0SUBSYSTEM=x\0"],
    ["one whose action is odd", uevent("a d", "/a")],
    ["one that leads out of /sys", uevent("add", "/a/../../etc")],
    ["one whose path is relative", uevent("add", "a")],
    ["one that says two devices", uevent("add", "/a", { DEVPATH: "/b" })],
    ["one that says two actions", uevent("add", "/a", { ACTION: "remove" })],
    ["one whose subsystem is a path", uevent("add", "/a", { SUBSYSTEM: "../x" })],
    ["one with a variable twice", `${uevent("add", "/a")}A=1\0A=2\0`],
    ["one with a pair that is none", `${uevent("add", "/a")}A\0`],
    ["one with an empty pair", `${uevent("add", "/a")}\0`],
    ["one that is longer than the kernel's", uevent("add", "/a", { A: "x".repeat(4100) })],
    ["one with more variables than the kernel's", uevent("add", "/a", { A: "x".repeat(2048) })],
  ])("leaves out what is no event: %s", async (_what, datagram) => {
    const started = await start('echo "$ACTION $DEVPATH" >>$D/log');
    await send(datagram, uevent("add", "/good"));
    await until(() => log().length === 1, "the next one is run");
    expect(log()).toEqual(["add /good"]);
    await until(() => started.stderr.includes(`${socket()}: an event is left out, number 1: `), "it is said");
  });

  test("holds 256 events and leaves the others to the relay", async () => {
    await start('while [ ! -e $D/go ]; do sleep 0.02; done; echo "$N" >>$D/log', "--timeout", "600");
    const events = Array.from({ length: 256 + SOCKET_QUEUE }, (_, i) => uevent("change", "/a", { N: `${i}` }));
    await send(...events);
    expect(await sender.try(socket(), uevent("change", "/a", { N: "more" }))).toEqual(["EAGAIN"]);
    writeFileSync(join(directory.path, "go"), "");
    await until(() => log().length === events.length, "all have run", 50_000);
    expect(log()).toEqual(events.map((_, i) => `${i}`));
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "ends by %s with what runs, and takes its socket away",
    async (signal) => {
      const started = await start("echo $$ >>$D/log; sleep 1000");
      await send(uevent("add", "/a"), uevent("add", "/b"));
      await until(() => log().length === 2, "both run");
      started.process.kill(signal);
      await until(() => started.hasEnded, "it ends");
      expect({ status: started.process.exitCode, stderr: started.stderr }).toEqual({ status: 0, stderr: "" });
      expect(log().map(Number).every(hasEnded)).toBe(true);
      expect(readdirSync(directory.path)).toEqual(["log"]);
    },
  );

  test("takes the place of a dead agent, not of one that lives", async () => {
    const first = await start("true");
    expect(agent("hotplug", "--dir", directory.path, "true")).toMatchObject({ status: 1, stdout: "" });
    first.process.kill("SIGKILL");
    await until(() => first.hasEnded, "it has ended");
    const dead = statSync(socket()).ino;
    const second = await start("echo $DEVPATH >>$D/log");
    await until(() => second.hasEnded || statSync(socket()).ino !== dead, "it has its socket");
    expect(readdirSync(directory.path)).toEqual(["agent.sock"]);
    expect(await send(uevent("add", "/a"))).toEqual(["sent"]);
    await until(() => log().length === 1, "it has run");
  });
});
