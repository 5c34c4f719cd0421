import { expect, test } from "vitest";

import type { FakeIo as Io } from "../fake-io.js";
import { FakeIo } from "../fake-io.js";
import { LOOP0, LOOP1, smallMachine } from "../machine.js";

/** Runs a command beside an attach of `box` that sees all block devices. */
async function beside(
  args: readonly string[],
  during: (io: Io) => Promise<void> = async () => {},
): Promise<{ status: number; stderr: string; events: unknown[] }> {
  using io = new FakeIo({ kernel: smallMachine() });
  io.kernel.plug("/devices/virtual/net/lan", { subsystem: "net" });
  io.kernel.plug("/devices/sda", { subsystem: "block", properties: { DEVNAME: "sda" } });
  const attached = io.run("attach", "box", "--json", "--allow", "subsystem=block", "--deny", "devname=sda");
  await io.stderr.until("box: ");
  using other = io.beside();
  const done = other.run(...args);
  await during(io);
  const status = await done;
  await io.kernel.idle();
  io.interrupt();
  await attached;
  return { status, stderr: other.stderr.text, events: io.stdout.json() };
}

test.each([
  ["all that it sees", ["trigger", "box"], [LOOP0, LOOP1]],
  ["what a rule picks", ["trigger", "box", "devname=loop1"], [LOOP1]],
  ["nothing that is not there", ["trigger", "box", "subsystem=usb"], []],
])("trigger tells %s once more, as change", async (_name, args, devpaths) => {
  const { status, stderr, events } = await beside(args);
  expect(status).toBe(0);
  expect(stderr).toBe(`uevent-bridge: ${devpaths.length} told to box\n`);
  expect(events).toMatchObject(devpaths.map((devpath) => ({ action: "change", devpath })));
});

test.each([
  ["no rule lets it in", "subsystem=tty", "/devices/virtual/tty/tty1 is there, and no rule of box lets it in."],
  ["a rule denies it", "devname=sda", "/devices/sda is there, and the rule devname=sda of box denies it."],
  ["it is elsewhere", "subsystem=net", "/devices/virtual/net/lan is there, in another network namespace."],
])("trigger of what the container does not see says why: %s", async (_name, rule, why) => {
  const { status, stderr, events } = await beside(["trigger", "box", rule]);
  expect({ status, stderr, events }).toEqual({
    status: 0,
    stderr: `uevent-bridge: 0 told to box\n  ${why}\n`,
    events: [],
  });
});

test.each<[name: string, args: string[], happen: (io: Io) => void]>([
  ["a device that is there", [LOOP0], () => {}],
  [
    "a device that comes",
    ["devname=loop2"],
    ({ kernel }) =>
      kernel.plug("/devices/virtual/block/loop2", { subsystem: "block", properties: { DEVNAME: "loop2" } }),
  ],
  ["a device that goes", [LOOP0, "--removed"], ({ kernel }) => kernel.unplug(LOOP0)],
  ["the absence of one that never was", ["devname=loop9", "--removed"], () => {}],
])("wait sees %s", async (_name, args, happen) => {
  const { status, stderr } = await beside(["wait", "box", ...args, "--timeout", "20"], async (io) => {
    await new Promise((resolve) => setTimeout(resolve, 50)); // it waits already
    happen(io);
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test.each([
  [
    "nothing came",
    ["devname=loop9"],
    "box was told of no device that devname=loop9 picks after 0.05 s\n  It sees 2 devices; no event came.\n",
  ],
  ["it stayed", [LOOP0, "--removed"], `box still sees ${LOOP0} after 0.05 s\n  It sees 2 devices; no event came.\n`],
  [
    "it exists but is hidden",
    ["subsystem=tty"],
    "box was told of no device that subsystem=tty picks after 0.05 s\n" +
      "  It sees 2 devices; no event came. /devices/virtual/tty/tty1 is there, and no rule of box lets it in.\n",
  ],
])("wait gives up at the timeout and says what it saw: %s", async (_name, args, stderr) => {
  const result = await beside(["wait", "box", ...args, "--timeout", "0.05"]);
  expect(result).toMatchObject({ status: 1, stderr: `uevent-bridge: ${stderr}` });
});

test("wait looks among the container's own net devices, of which the host knows nothing", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  const box = io.kernel.container();
  const veth = "/devices/virtual/net/veth0";
  io.kernel.plug(veth, { subsystem: "net", netns: box });
  const attached = io.run("attach", "box", "--pid", `${box.pid}`, "--allow", "subsystem=net");
  await io.stderr.until("box: ");
  const wait = async (...more: string[]) => {
    const other = io.beside(); // its directory is that of `io`
    const status = await other.run("wait", "box", "subsystem=net", "--timeout", "0.2", ...more);
    return { status, stderr: other.stderr.text };
  };
  expect(await wait()).toEqual({ status: 0, stderr: "" });
  expect(await wait("--removed")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`still sees ${veth}`) as string,
  });
  io.interrupt();
  await attached;
});
