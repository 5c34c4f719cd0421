import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { Cli, run } from "./cli.js";
import { needs } from "./needs.js";
import { readJson, ROOT } from "./packages.js";
import { withLoops } from "./real/loops.js";
import { temporaryDirectory } from "./real/temporary.js";

const NULL = "/devices/virtual/mem/null"; // every machine has it

/** A name that no other test has. */
let count = 0;
const newName = (): string => `test-${process.pid}-${count++}`;

describe("exit statuses and words", () => {
  test.each<[name: string, args: string[], status: number, stderr: RegExp]>([
    ["done", ["match", "--allow", NULL], 0, /^$/],
    [
      "the world is wrong: nothing matches",
      ["match", "--allow", "/devices/nothing"],
      1,
      /^uevent-bridge: no device .*\n$/,
    ],
    [
      "the world is wrong: no such process",
      ["attach", "x", "--pid", "4194303", "--allow", NULL],
      1,
      /^uevent-bridge: .*4194303.*\n {2}\S.*\n$/,
    ],
    [
      "the world is wrong: no netns",
      ["attach", "x", "--netns", "/etc/passwd", "--allow", NULL],
      1,
      /^uevent-bridge: \/etc\/passwd .*\n {2}\S.*\n$/,
    ],
    [
      "the world is wrong: no directory can be there",
      ["attach", "x", "--socket", "/proc/x", "--allow", NULL],
      1,
      /^uevent-bridge: .*\/proc\/x.*\n {2}\S.*\n$/,
    ],
    [
      "the words are wrong: a rule",
      ["match", "--allow", "subsytem=mem"],
      2,
      /^.*\n {2}subsytem=mem\n {2}\^{8}\n {2}.*subsystem.*\n$/,
    ],
    ["the words are wrong: a preset", ["match", "--allow", "preset=bas"], 2, /preset=base/],
    ["the words are wrong: an option", ["match", "--alow", NULL], 2, /Did you mean --allow\?\n$/],
    ["the words are wrong: a command", ["atach"], 2, /Did you mean attach\?\n$/],
    ["the words are wrong: a name", ["attach", "a/b", "--allow", NULL], 2, /no name for a container/],
  ])("%s", async (_name, args, status, stderr) => {
    const result = await run(...args);
    expect(result).toMatchObject({ status, stderr: expect.stringMatching(stderr) as string });
    expect(result.stderr).not.toMatch(/^ {4}at /m);
  });

  test("--version is the package's", async () => {
    const { version } = readJson("packages/uevent-bridge/package.json") as { version: string };
    expect(await run("--version")).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("doctor finds that this user may listen", async () => {
    const { stdout } = await run("doctor", "--json");
    const findings = stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(findings).toContainEqual(expect.objectContaining({ type: "finding", check: "events", level: "ok" }));
  });
});

describe("an attach", () => {
  test("answers trigger and wait of other processes, and prints each event as one line of JSON", async () => {
    using temporary = temporaryDirectory();
    const name = newName();
    await using attach = new Cli(["attach", name, "--allow", NULL, "--socket", join(temporary.path, "box"), "--json"]);
    await attach.until("stderr", /bind .* to \/run\/uevent/);
    expect(await run("wait", name, "devname=null", "--timeout", "10")).toMatchObject({ status: 0, stderr: "" });
    expect(await run("trigger", name, NULL)).toMatchObject({ status: 0, stderr: `uevent-bridge: 1 told to ${name}\n` });
    await attach.until("stdout", "\n");
    expect(attach.stdout).toBe(
      `{"type":"event","action":"change","devpath":"${NULL}","subsystem":"mem","seqnum":2,"env":` +
        `{"ACTION":"change","DEVPATH":"${NULL}","SUBSYSTEM":"mem","MAJOR":"1","MINOR":"3","DEVNAME":"null",` +
        `"DEVMODE":"0666","SEQNUM":"2"}}\n`,
    );
    expect(await attach.interrupt()).toBe(0);
  });

  test("wait gives up at the timeout, with a sentence that says what it saw", async () => {
    using temporary = temporaryDirectory();
    const name = newName();
    await using attach = new Cli(["attach", name, "--allow", NULL, "--socket", join(temporary.path, "box")]);
    await attach.until("stderr", "bind");
    const result = await run("wait", name, "devname=zero", "--timeout", "0.1");
    expect(result.stderr).toBe(
      `uevent-bridge: ${name} was told of no device that devname=zero picks after 0.1 s\n  It sees 1 device; no event came.\n`,
    );
    expect(result.status).toBe(1);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("ends with 0 at %s and leaves nothing", async (signal) => {
    using temporary = temporaryDirectory();
    await using attach = new Cli(["attach", newName(), "--allow", NULL, "--socket", join(temporary.path, "box")]);
    await attach.until("stderr", "bind");
    attach.process.kill(signal);
    expect(await attach.exit()).toBe(0);
    expect(readdirSync(temporary.path)).toEqual([]);
  });

  test("that is killed does not stand in the way of the next one, a living one does", async () => {
    using temporary = temporaryDirectory();
    const args = ["attach", newName(), "--allow", NULL, "--socket", join(temporary.path, "box")];
    {
      await using killed = new Cli(args);
      await killed.until("stderr", "bind");
    }
    await using next = new Cli(args);
    await next.until("stderr", "bind");
    const third = await run(...args);
    expect(third).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("another relay serves this name") as string,
    });
  });

  test("by its first line says that a netns of the initial user namespace gets no netlink, and why", async () => {
    using temporary = temporaryDirectory();
    const args = ["--pid", `${process.pid}`, "--allow", NULL, "--socket", join(temporary.path, "box")];
    await using attach = new Cli(["attach", newName(), ...args]);
    await attach.until("stderr", "\n");
    expect(attach.stderr).toMatch(/^uevent-bridge: .*: socket .*\/box \(.*\); netlink off \(.*\)\n/);
  });
});

describe("a listen in the container", needs("unix-dgram"), () => {
  test.each([
    [
      "--json",
      /^{"type":"event","action":"add","devpath":"\/devices\/virtual\/mem\/null","subsystem":"mem","seqnum":1,.*}\n$/,
    ],
    ["--raw", /^add@\/devices\/virtual\/mem\/null\0ACTION=add\0.*\0SEQNUM=1\0\0$/],
  ])("prints what it is told: %s", async (form, expected) => {
    using temporary = temporaryDirectory();
    const directory = join(temporary.path, "box");
    await using attach = new Cli(["attach", newName(), "--allow", NULL, "--socket", directory]);
    await attach.until("stderr", "bind");
    await using listen = new Cli(["listen", directory, form]);
    await listen.until("stdout", "null");
    expect(await listen.interrupt()).toBe(0);
    expect(listen.stdout).toMatch(expected);
    expect(listen.stderr).toMatch(/^uevent-bridge: listening in .*\n$/);
  });

  test("without a directory is told what to do", async () => {
    expect(await run("listen", "/no/such")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^uevent-bridge: .*\n {2}\S.*\n$/) as string,
    });
  });
});

describe("whoever reads the output", () => {
  test("may go: match ends silently", async () => {
    await using cli = new Cli(["match", "--allow", "/devices"]);
    cli.process.stdout?.destroy();
    expect(await cli.exit()).toBe(0);
    expect(cli.stderr).toBe("");
  });

  test("may go: monitor ends at the next event", needs("root", "loop devices"), async () => {
    using loops = withLoops(1);
    await using cli = new Cli(["monitor", "--json"]);
    await cli.until("stderr", "listening");
    cli.process.stdout?.destroy();
    const timer = setInterval(() => writeFileSync(`/sys${loops.devices[0]}/uevent`, "change"), 50);
    expect(await cli.exit()).toBe(0);
    clearInterval(timer);
    expect(cli.stderr).toMatch(/^uevent-bridge: listening.*\n$/);
  });

  test("gets no colour, as it is no terminal", async () => {
    expect((await run("match", "--allow", NULL)).stdout).not.toContain("\x1b");
  });
});

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
      Array(3).fill({ type: "event", action: "change", devpath: mine, env: { SYNTH_UUID: "0" } }),
    );
  });
});
