import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { Cli, newName, run } from "./cli.js";
import { needs } from "./needs.js";
import { temporaryDirectory } from "./real/temporary.js";

const NULL = "/devices/virtual/mem/null"; // every machine has it

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
      `{"type":"event","action":"change","devpath":"${NULL}","subsystem":"mem","seqnum":1,"env":` +
        `{"ACTION":"change","DEVPATH":"${NULL}","SUBSYSTEM":"mem","MAJOR":"1","MINOR":"3","DEVNAME":"null",` +
        `"DEVMODE":"0666","SEQNUM":"1"}}\n`,
    );
    expect(await attach.interrupt()).toBe(0);
  });

  test("a wait that is interrupted has not seen the device: status 1", async () => {
    using temporary = temporaryDirectory();
    const name = newName();
    await using attach = new Cli(["attach", name, "--allow", NULL, "--socket", join(temporary.path, "box")]);
    await attach.until("stderr", "bind");
    await using waiting = new Cli(["wait", name, "devname=zero"]);
    await expect.poll(() => waiting.takesSignals).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1000)); // it waits, unless the machine is busy
    expect(await waiting.interrupt()).toBe(1);
    expect([waiting.stdout, waiting.stderr]).toEqual(["", ""]);
  });

  test("wait gives up at the timeout, with a sentence that says what it saw", async () => {
    using temporary = temporaryDirectory();
    const name = newName();
    await using attach = new Cli(["attach", name, "--allow", NULL, "--socket", join(temporary.path, "box")]);
    await attach.until("stderr", "bind");
    const result = await run("wait", name, "devname=zero", "--timeout", "0.1");
    expect(result.stderr).toBe(
      `uevent-bridge: ${name} was told of no device that devname=zero picks after 0.1 s\n` +
        `  It sees 1 device; no event came. /devices/virtual/mem/zero is there, and no rule of ${name} lets it in.\n`,
    );
    expect(result.status).toBe(1);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("ends with 0 at %s and leaves nothing", async (signal) => {
    using temporary = temporaryDirectory();
    await using attach = new Cli(["attach", newName(), "--allow", NULL, "--socket", join(temporary.path, "box")]);
    await attach.until("stderr", "bind");
    attach.process.kill(signal);
    expect(await attach.exit()).toBe(0);
    expect(readdirSync(temporary.path)).toEqual([]);
  });

  test("that is stopped has nobody wait for ever: it is named, with how it goes on", async () => {
    using temporary = temporaryDirectory();
    const name = newName();
    await using attach = new Cli(["attach", name, "--allow", NULL, "--socket", join(temporary.path, "box")]);
    await attach.until("stderr", "bind");
    attach.process.kill("SIGSTOP");
    const { status, stderr } = await run("explain", name, NULL);
    attach.process.kill("SIGCONT");
    expect([status, stderr]).toEqual([
      1,
      `uevent-bridge: the relay of ${name}, pid ${attach.pid}, does not answer\n` +
        `  It is stopped. To have it go on: kill -CONT ${attach.pid}. If it goes on, it may still do what it was asked for.\n`,
    ]);
    expect(await run("explain", name, NULL)).toMatchObject({ status: 0 });
  });

  test("whose output nobody reads goes on serving, and ends at SIGTERM", async () => {
    using temporary = temporaryDirectory();
    const name = newName();
    const socket = join(temporary.path, "box");
    await using attach = new Cli(["attach", name, "--allow", "/devices/virtual", "--socket", socket, "--json"]);
    await attach.until("stderr", "bind");
    attach.process.stdout?.pause();
    for (let i = 0; i < 10; i++) expect(await run("trigger", name)).toMatchObject({ status: 0 }); // more than pipes hold
    attach.process.kill();
    expect(await once(attach.process, "exit")).toEqual([0, null]);
  });

  test("that is killed does not stand in the way of the next one, a living one does", async () => {
    using temporary = temporaryDirectory();
    const args = ["attach", newName(), "--allow", NULL, "--socket", join(temporary.path, "box")];
    {
      await using killed = new Cli(args);
      await killed.until("stderr", "bind");
      killed.process.kill("SIGKILL");
    }
    await using next = new Cli(args);
    await next.until("stderr", "bind");
    const third = await run(...args);
    expect(third).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`another relay (pid ${next.pid}) serves this name`) as string,
    });
  });

  test("says first that a netns of the initial user namespace gets no netlink", needs("root"), async () => {
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
