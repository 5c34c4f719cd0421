import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { startAgent } from "../../packages/agent/test/program.js";
import { Sender, uevent } from "../../packages/agent/test/sender.js";
import { hello, pack, synced } from "../../packages/listener/test/support/messages.js";
import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { startContainer } from "./container.js";
import { ip } from "./ip.js";
import { until } from "./listener.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const TRIES = 50;
/** What a terminal takes as a command, in 7 bits and in 8, what turns the writing round, and delete. */
const STEERING = "\x1b[2J\u009b\u202e\x7f";
/** As it is printed. */
const SHOWN = String.raw`\u001b[2J\u009b\u202e\u007f`;
/** What else a value can have: a name for the window, ends of lines, bytes that are no UTF-8 or were made too long. */
const MORE =
  Buffer.from("\x1b]0;owned\x07\r\n\u2028\u2029\u2066\u0085", "utf8").toString("latin1") +
  "\xff\xc0\xaf\xe0\x80\x9b\x9b";

/** Each of a terminal's commands, but for the end of a line. */
// oxlint-disable-next-line no-control-regex
const COMMANDS = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd]/;

describe("escape sequences and control characters", () => {
  test("in the name of a container's network device are never raw on a terminal", needs("root"), async () => {
    await using box = await startContainer();
    const name = newName();
    const devpath = `/devices/virtual/net/${STEERING}`;
    await using attach = new Cli(["attach", name, "--pid", `${box.pid}`, "--allow", "subsystem=net"]);
    await attach.until("stderr", "socket");
    ip(box.pid, "link", "add", STEERING, "type", "veth", "peer", "name", "other0");
    await until(() => attach.stdout.includes(SHOWN), "it is told");
    const texts = [attach.stdout];
    const commands = [
      ["explain", name, devpath],
      ["explain", name, devpath, "--json"],
      ["tree", name],
      ["tree", name, "--json"],
      ["wait", name, `subsystem=net,sysname=${STEERING}x`, "--timeout", "0"],
      ["grant", name, devpath],
      ["match", "--allow", `sysname=${STEERING}`],
      ["attach", newName(), "--allow", `sysname=${STEERING},nonsense=${STEERING}`],
    ];
    for (const each of commands) texts.push(await said(each));
    for (const text of texts) {
      expect(text).toContain(SHOWN.slice(0, 9)); // of what is no ASCII some commands show each byte
      expect(text).not.toMatch(COMMANDS);
    }
  });

  test("in what somebody of the container says to its listeners are never raw there, nor is garbage the end of them", async () => {
    await using stack = new Stack();
    const { path } = stack.use(temporaryDirectory());
    const sender = stack.use(new Sender());
    const commands = [
      ["listen", path],
      ["listen", path, "--json"],
      ["monitor", "--from", path, "--properties"],
    ];
    const listening = commands.map((words) => stack.use(new Cli(words)));
    const sockets = (): string[] =>
      readdirSync(path).filter((each) => each.endsWith(".msgpack.sock") && !each.startsWith("."));
    await until(() => sockets().length === commands.length, "they listen");
    const agent = stack.use(startAgent("hotplug", "--dir", path, "sh", "-c", "exit 3"));
    await until(() => readdirSync(path).includes("agent.sock"), "it listens");

    const bytes = Buffer.from(event(), "latin1");
    const whole = pack(hello, { kind: "event", seq: 1, bytes }, synced);
    const garbage = [
      whole.subarray(0, 40),
      Buffer.alloc(60_000, 0x91),
      Buffer.from("c6ffffffff", "hex"),
      Buffer.alloc(100_000, 0xff),
    ];
    for (const each of sockets()) await sender.send(join(path, each), ...garbage);
    await sender.send(join(path, "agent.sock"), ...garbage, bytes);
    const isShown = (): boolean => listening.every(({ stdout }) => stdout.includes(SHOWN));
    for (let tries = 0; tries < TRIES && !isShown(); tries++) {
      for (const each of sockets()) await sender.send(join(path, each), whole); // who heard garbage binds another one within a second
      await pause(200);
    }
    expect(isShown()).toBe(true);
    await until(() => agent.stderr.includes("exited with 3"), "it says it");
    for (const text of [agent.stderr, ...listening.flatMap(({ stdout, stderr }) => [stdout, stderr])])
      expect(text).not.toMatch(COMMANDS);
  });
});

/** All that a command writes. */
async function said(words: readonly string[]): Promise<string> {
  await using cli = new Cli(words, { env: { NODE_DEBUG: "uevent-bridge" } });
  await cli.exit();
  return cli.stdout + cli.stderr;
}

/** An event with all of it, as latin1. */
function event(): string {
  const steering = Buffer.from(STEERING, "utf8").toString("latin1");
  return uevent("add", `/devices/virtual/net/${steering}${MORE}`, {
    SUBSYSTEM: "net",
    [`KEY${steering}`]: steering + MORE,
    DEVNAME: steering + MORE,
    SEQNUM: "1",
  });
}
