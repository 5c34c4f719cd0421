import { randomUUID } from "node:crypto";
import { chownSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { agentPath } from "@uevent-bridge/agent";
import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import type { Container } from "@uevent-bridge/relay";
import { describe, expect, test, vi } from "vitest";

import { until } from "../../packages/agent/test/program.js";
import { Sender, uevent } from "../../packages/agent/test/sender.js";
import { needs } from "../needs.js";
import { UID_BASE } from "./container.js";
import { Bare } from "./inside/bare.js";
import type { Program } from "./inside/program.js";
import { System } from "./inside/system.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

vi.setConfig({ testTimeout: 120_000 });

const EVENTS = Number(process.env["AGENT_EVENTS"] ?? 200);
const SAID = 1000; // to a slow reader

/** Listens as programs of a container do, but reads nothing until it is told to. */
const SLOW_READER = `
import socket, sys
reader = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
reader.bind((0, 1))
sys.stdin.readline()
while True:
    print(reader.recv(8192).decode().split("\\0")[0], flush=True)
`;

/** A bare container with three devices that it may see. */
class Stage extends Stack {
  devices: readonly string[] = [];

  async open(config: string): Promise<{ readonly bare: Bare; readonly box: Container }> {
    const runtimeDir = this.use(temporaryDirectory()).path;
    this.devices = this.use(withLoops(3)).devices;
    const relay = this.use(await openRelay({ kernel: openLinux(), runtimeDir }));
    const box = await relay.attach({ name: "box", allow: [...this.devices] });
    const bare = this.use(await Bare.start(box.mounts[0]?.source ?? ""));
    bare.write("/etc/mdev.conf", config);
    return { bare, box };
  }
}

/** That the agent lets wait for a reader. */
const READER_BYTES = 106_496;

/** Most that waits for a netlink socket there. */
function bytesWaiting(pid: number): number {
  const lines = readFileSync(`/proc/${pid}/net/netlink`, "latin1").trimEnd().split("\n").slice(1);
  return Math.max(...lines.map((line) => Number(line.split(/\s+/)[4])));
}

const nameOf = (devpath: string): string => devpath.split("/").at(-1) ?? "";

describe(
  "the agent in a container of nothing but busybox",
  needs("root", "loop devices", "debian package busybox-static"),
  () => {
    test(`runs mdev for ${EVENTS} events, in order for each device`, async () => {
      await using stage = new Stage();
      const { bare } = await stage.open('loop.* 0:0 600 *echo "$MDEV $ACTION $SYNTH_ARG_N" >>/run/ran\n');
      const agent = bare.start("uevent-agent", "hotplug", "mdev");
      const lines = (): readonly string[] => bare.read("/run/ran").split("\n").slice(0, -1);
      await until(() => lines().length === stage.devices.length, "its devices are told");
      for (let n = 0; n < EVENTS; n++) {
        writeFileSync(`/sys${stage.devices[n % 3]}/uevent`, `change ${randomUUID()} N=${n}`);
      }
      await until(() => lines().length >= EVENTS + 3 || agent.process.exitCode !== null, "all are run", 100_000);
      expect(agent.stderr).toBe("");
      for (const [i, devpath] of stage.devices.entries()) {
        const ran = lines().filter((line) => line.startsWith(`${nameOf(devpath)} `));
        const changes = Array.from({ length: EVENTS }, (_, n) => n).filter((n) => n % 3 === i);
        expect(ran).toEqual([`${nameOf(devpath)} add `, ...changes.map((n) => `${nameOf(devpath)} change ${n}`)]);
      }
    });

    test("has mdev make and remove nodes, with mode and owner as its rules say", async () => {
      await using stage = new Stage();
      const { bare, box } = await stage.open("loop.* 12:34 640\n");
      bare.start("uevent-agent", "hotplug", "mdev");
      const [first = "", ...others] = stage.devices.map((devpath) => bare.path(`/dev/${nameOf(devpath)}`));
      await until(
        () => [first, ...others].every((node) => existsSync(node) && statSync(node).gid === 34),
        "they are made",
      );
      const { mode, uid, gid, rdev } = statSync(first);
      const number = Number(nameOf(stage.devices[0] ?? "").slice("loop".length));
      expect({ mode: mode.toString(8), uid, gid, minor: minorOf(rdev) }).toEqual({
        mode: "60640",
        uid: 12,
        gid: 34,
        minor: number,
      });
      await box.deny(stage.devices[0] ?? "");
      await until(() => !existsSync(first), "it is removed");
      expect(others.every((node) => existsSync(node))).toBe(true);
    });

    test("feeds a program that reads events between NULs", async () => {
      await using stage = new Stage();
      const { bare } = await stage.open("");
      const agent = bare.start("uevent-agent", "pipe", "--name", "reader", "busybox", "cat");
      const events = eventsOf(agent);
      await until(() => events().length === 3, "its devices are told");
      const [devpath = ""] = stage.devices;
      writeFileSync(`/sys${devpath}/uevent`, "change");
      await until(() => events().length === 4, "an event is told");
      const [header, ...pairs] = events()[3]?.split("\0") ?? [];
      expect(header).toBe(`change@${devpath}`);
      expect(pairs).toEqual(expect.arrayContaining(["ACTION=change", `DEVPATH=${devpath}`, "SUBSYSTEM=block"]));
    });

    test("refuses to say events that programs there hear of the kernel", async () => {
      await using stage = new Stage();
      const { bare } = await stage.open("");
      const agent = bare.start("uevent-agent", "inject");
      await agent.end();
      expect(agent.process.exitCode).toBe(1);
      expect(agent.stderr).toContain("would hear each event twice");
    });
  },
);

/** As glibc's minor(): the lower eight bits, and what is above the twelve of the major number. */
function minorOf(rdev: number): number {
  const device = BigInt(rdev);
  return Number((device & 0xffn) | ((device >> 12n) & ~0xffn));
}

/** What a program wrote so far, split as the page says. */
function eventsOf(program: Program): () => readonly string[] {
  let text = "";
  program.process.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  return () => text.split("\0\0").slice(0, -1);
}

describe("the agent in a container with a user namespace", needs("root", "debian package python3"), () => {
  test("says each event on its netlink, at the pace of who listens there, without SEQNUM of the relay", async () => {
    await using stack = new Stack();
    const directory = stack.use(temporaryDirectory()).path;
    copyFileSync(agentPath(), join(directory, "uevent-agent"));
    chownSync(directory, UID_BASE, UID_BASE);
    const system = stack.use(await System.start([{ source: directory, destination: "/run/uevent" }]));
    const reader = system.start("python3", "-c", SLOW_READER);
    await until(() => system.readers() === 1, "it listens");
    const agent = system.start("/run/uevent/uevent-agent", "inject");
    await until(() => existsSync(join(directory, "agent.sock")), "the agent listens");
    const sender = stack.use(new Sender());
    const paths = Array.from({ length: SAID }, (_, i) => `/devices/virtual/x/${i}`);
    const said = paths.map((path) => uevent("change", path, { A: "x".repeat(300), SEQNUM: "1" }));
    const tooLong = uevent("change", "/devices/long", { A: "x".repeat(1990) });
    const sent = sender.send(join(directory, "agent.sock"), tooLong, ...said);
    await until(() => bytesWaiting(system.pid) > READER_BYTES, "the agent waits for it");
    reader.process.stdin?.write("\n");
    await sent;
    await until(() => reader.lines.length >= SAID || reader.process.exitCode !== null, "all are heard", 60_000);
    expect(reader.stderr).toBe("");
    expect(reader.lines).toEqual(paths.map((path) => `change@${path}`));
    expect(agent.stderr).toBe(
      "uevent-agent: change@/devices/long is left out, number 1: netlink takes 2004 bytes. A program that reads the socket hears it\n",
    );
  });
});
