import { encodeUdev } from "@uevent-bridge/uevent";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { describe, expect, test } from "vitest";

import { FakeIo } from "../fake-io.js";
import { LOOP0, LOOP1, smallMachine } from "../machine.js";

const UDEV_EVENT = { ACTION: "change", DEVPATH: LOOP0, SUBSYSTEM: "block", SEQNUM: "7", DEVNAME: "/dev/loop0" };

/** Runs monitor, has something happen, and interrupts it. */
async function monitored(io: FakeIo, args: readonly string[], happen: () => void): Promise<string> {
  const done = io.run("monitor", ...args);
  await io.stderr.until("listening");
  happen();
  await io.kernel.idle();
  io.interrupt();
  expect(await done).toBe(0);
  return io.stdout.text;
}

test("each event is a line with time, action, subsystem, devpath and node", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  const text = await monitored(io, [], () => io.kernel.change(LOOP0));
  expect(text).toMatch(/^\d\d:\d\d:\d\d\.\d{3} change  block      \/devices\/virtual\/block\/loop0  \/dev\/loop0\n$/);
});

test("rules choose the devices", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  const text = await monitored(io, ["--json", LOOP1], () => {
    io.kernel.change(LOOP0);
    io.kernel.change(LOOP1);
  });
  expect(text.split("\n")).toHaveLength(2);
  expect(text).toContain("loop1");
});

test.each<[options: string[], sources: (string | undefined)[]]>([
  [["--kernel"], [undefined]],
  [["--udev"], [undefined]],
  [
    ["--kernel", "--udev"],
    ["kernel", "udev"],
  ],
])("%s: what each says, named where both speak", async (options, sources) => {
  using io = new FakeIo({ kernel: smallMachine() });
  await monitored(io, ["--json", ...options], () => {
    io.kernel.change(LOOP0);
    io.kernel.emit(encodeUdev(Object.entries(UDEV_EVENT)), { to: "udev", portId: 77, pid: 77 });
  });
  const said = io.stdout.json() as { source?: string }[];
  expect(new Set(said.map(({ source }) => source))).toEqual(new Set(sources));
});

test.each([
  ["no udevd runs: a warning", false, ["--udev"], /warning: no udevd runs here.*\n {2}.*hear what the kernel says/],
  ["one runs: none", true, ["--udev"], /^uevent-bridge: listening to udev; .*\n$/],
  ["it is not asked for: none", false, ["--kernel"], /^uevent-bridge: listening to kernel; .*\n$/],
])("where %s", async (_name, udev, options, stderr) => {
  using io = new FakeIo({ kernel: smallMachine({ udev }) });
  await monitored(io, options, () => {});
  expect(io.stderr.text).toMatch(stderr);
});

test("--json has exactly the fields of the contract", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  await monitored(io, ["--json"], () => io.kernel.change(LOOP0, { properties: { "ODD=KEY": "a=b" } }));
  expect(io.stdout.json()).toEqual([
    {
      type: "event",
      action: "change",
      devpath: LOOP0,
      subsystem: "block",
      seqnum: expect.any(Number) as number,
      env: expect.objectContaining({ ACTION: "change", DEVPATH: LOOP0, DEVNAME: "loop0", ODD: "KEY=a=b" }) as object,
    },
  ]);
});

test("--properties prints each one on a line of its own", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  const text = await monitored(io, ["--properties"], () => io.kernel.change(LOOP0));
  expect(text).toContain("\n    ACTION=change\n    DEVPATH=/devices/virtual/block/loop0\n    SUBSYSTEM=block\n");
});

test("an overrun is told as one gap", async () => {
  const kernel = new FakeKernel({ receiveBuffer: 4096 });
  kernel.plug(LOOP0, { subsystem: "block" });
  using io = new FakeIo({ kernel });
  await monitored(io, ["--json"], () => {
    for (let i = 0; i < 20; i++) kernel.change(LOOP0);
  });
  const gaps = (io.stdout.json() as { type: string }[]).filter(({ type }) => type === "gap");
  expect(gaps).toEqual([{ type: "gap", lost: "unknown", where: "kernel" }]);
});

describe("what a device calls itself", () => {
  const name = 'x\x1b]0;owned\x07"\u009b2J\xff';

  test.each([[["--properties"]], [["--json"]], [[]]])("never steers the terminal (%s)", async (args) => {
    const kernel = smallMachine();
    using io = new FakeIo({ kernel, terminal: true });
    const text = await monitored(io, args, () => kernel.change(LOOP0, { properties: { DEVNAME: name } }));
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });
});

test.each([
  ["a terminal", true, true],
  ["a pipe", false, false],
])("colour in %s: %s", async (_name, colour, painted) => {
  using io = new FakeIo({ kernel: smallMachine(), colour });
  const text = await monitored(io, [], () => io.kernel.change(LOOP0));
  expect(text.includes("\x1b[")).toBe(painted);
});
