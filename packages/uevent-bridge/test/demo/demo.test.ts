import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

import { openLinux } from "@uevent-bridge/linux";
import { describe, expect, test } from "vitest";

import { needs } from "../../../../test/needs.js";
import { honestPolicies, runDemo, withDirectory } from "../../src/demo/run-demo.js";
import type { Policies } from "../../src/demo/perform.js";
import { loop } from "../../src/demo/rungs/loop.js";
import { recorded } from "../../src/demo/rungs/recorded.js";
import { zram } from "../../src/demo/rungs/zram.js";
import type { Rung } from "../../src/demo/stage.js";
import { FakeIo } from "../fake-io.js";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const RUNGS: [rung: Rung, needed: ReturnType<typeof needs>][] = [
  [recorded, needs()],
  [loop, needs("root", "loop devices", "user namespaces")],
  [zram, needsZram()],
];

class DemoIo extends FakeIo {
  override readonly self = [process.execPath, CLI];
  override openKernel = () => Promise.resolve(openLinux());
}

/** Runs the demo on a rung, with the rules that `policies` makes of the honest ones. */
function demoOn(rung: Rung, io: FakeIo, policies = (honest: Policies) => honest): Promise<number> {
  return withDirectory(async (directory) => {
    const opened = await rung.open(io, directory);
    if (typeof opened === "string") throw new Error(opened);
    await using stage = opened;
    return await runDemo(stage, io, directory, { policies: policies(honestPolicies(stage)), paceMs: 0 });
  });
}

describe.each(RUNGS)("on $name", (rung, needed) => {
  test("one container is told and the other is not, nothing is left, and it says so", needed, async () => {
    using io = new DemoIo();
    expect(await demoOn(rung, io)).toBe(0);
    expect(io.stderr.text).toBe("");
    expect(io.stdout.text).toMatch(/^\d+ events on the host: box was told [1-9]\d*, other was told 0 \(\d+ hidden\)$/m);
    expect(io.stdout.text).toMatch(/^median latency \d+\.\d\d ms/m);
    expect(io.stdout.text).toMatch(/^left behind: 0 mounts, 0 processes, 0 namespaces, 0 sockets$/m);
    expect(io.stdout.text.match(/^ {2}.*(match|monitor|attach) .*\/?.*$/gm)).toHaveLength(3);
  });

  test.each<[name: string, sabotage: (honest: Policies) => Policies]>([
    ["lets everybody see everything", () => ({ box: { allow: ["/devices"] }, other: { allow: ["/devices"] } })],
    [
      "lets the other one see too",
      ({ box, other }) => ({ box, other: { allow: [...(box.allow ?? []), ...(other.allow ?? [])] } }),
    ],
    ["hides the device from both", ({ other }) => ({ box: other, other })],
    ["hides a part of it", ({ box, other }) => ({ box: { ...box, deny: ["subsystem=block|tty"] }, other })],
  ])("a filter that %s is found out: status 1", needed, async (_name, sabotage) => {
    using io = new DemoIo();
    expect(await demoOn(rung, io, sabotage)).toBe(1);
    expect(io.stderr.text).toMatch(/^uevent-bridge: /);
    expect(io.stdout.text).not.toContain("byte for byte");
  });

  test("interrupted halfway it leaves nothing", needed, async () => {
    const before = leftovers();
    using io = new DemoIo();
    const done = demoOn(rung, io);
    await io.stdout.until("host: ");
    io.interrupt();
    await expect(done).rejects.toThrow();
    expect(leftovers()).toEqual(before);
  });
});

test("in a terminal the containers stand in columns beside the host", async () => {
  using io = new FakeIo({ terminal: true });
  await demoOn(recorded, io);
  expect(io.stdout.text).toMatch(/^host {24}box: may see it {23}other: may not$/m);
  expect(io.stdout.text).toMatch(/^add {4}usb 1-3 {14}\d+\.\d\d ms socket, \d+\.\d\d ms netlink +-$/m);
  expect(io.stdout.text).toMatch(/^add {4}block loop77 {9}- {37}-$/m);
});

function needsZram(): ReturnType<typeof needs> {
  const skipped = "needs zram devices: modprobe zram";
  return existsSync("/sys/class/zram-control") ? needs("root", "user namespaces") : { skip: true, meta: { skipped } };
}

function leftovers(): string[] {
  const files = readdirSync(tmpdir()).filter((name) => name.startsWith("uevent-bridge-demo-"));
  return [...files, ...readdirSync("/sys/class/block").filter((name) => /^(loop1\d\d|zram\d+)$/.test(name))];
}
