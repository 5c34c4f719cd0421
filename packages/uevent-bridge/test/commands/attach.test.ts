import { expect, test } from "vitest";

import { FakeIo } from "../fake-io.js";
import { LOOP0, LOOP1, smallMachine } from "../machine.js";

/** Attaches a container, does something to it, and interrupts the attach. */
async function attached(io: FakeIo, args: readonly string[], during: () => Promise<void>): Promise<void> {
  const done = io.run("attach", "box", ...args);
  await io.stderr.until(/box: .*\n/);
  await during();
  io.interrupt();
  expect(await done).toBe(0);
}

test("the first line says the ways of delivery, why, and where the directory is", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  const { pid } = io.kernel.container();
  await attached(io, ["--pid", `${pid}`, "--allow", LOOP0], async () => {});
  const [first, second] = io.stderr.text.split("\n");
  expect(first).toMatch(
    /^uevent-bridge: box: socket .*\/run\/box \(.*\); netlink both \(.*user namespace.*, and no udevd .*\)$/,
  );
  expect(second).toBe(`uevent-bridge: bind ${io.runtime.directory}/box to /run/uevent in the container`);
});

test.each([
  ["a container that has not started", [], "netlink off (the container has not started; with --pid, once it runs"],
  ["--netlink udev for one that hears by sockets", ["--netlink", "udev"], "/box to /run/udev in the container"],
  ["--netlink off", ["--netlink", "off"], "netlink off (it was not asked for"],
  ["--socket off", ["--socket", "off"], "socket off (it was not asked for"],
  ["--socket DIR", ["--socket", "/run/mine"], "socket /run/mine ("],
  [
    "--shadow PATH",
    ["--shadow", "/run/holders/a"],
    "netlink kernel (it is what its programs would hear of the kernel); shadow /run/holders/a (",
  ],
  [
    "--shadow PATH --netlink both",
    ["--shadow", "/run/holders/a", "--netlink", "both"],
    "netlink both (it was asked for",
  ],
])("%s: the line says so", async (_name, args, said) => {
  using io = new FakeIo({ kernel: smallMachine() });
  await attached(io, [...args, "--allow", LOOP0], async () => {});
  expect(io.stderr.text).toContain(said);
});

test.each([
  ["a --shadow that is no path", ["--shadow", "on"], "--shadow on"],
  ["an empty --socket", ["--socket", ""], "--socket is empty"],
  [
    "--exec without a process",
    ["--exec", "mdev", "--netns", "/run/netns/box"],
    "--exec needs a process of the container",
  ],
  ["--exec of nothing", ["--exec", "", "--pid", "1"], "--exec is empty"],
  ["--netlink kernel without a container", ["--netlink", "kernel"], "--netlink kernel needs a network namespace"],
])("%s: the words are wrong", async (_name, args, said) => {
  using io = new FakeIo({ kernel: smallMachine() });
  expect(await io.run("attach", "box", ...args, "--allow", LOOP0)).toBe(2);
  expect(io.stderr.text).toContain(said);
});

test("what is forwarded is printed as one object for each line, nothing else", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  await attached(io, ["--json", "--allow", LOOP0], async () => {
    io.kernel.change(LOOP0);
    io.kernel.change(LOOP1);
    await io.kernel.idle();
  });
  expect(io.stdout.json()).toMatchObject([{ type: "event", action: "change", devpath: LOOP0, subsystem: "block" }]);
});

test("words of a rule on which nothing acts yet are said as a warning", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  await attached(io, ["--allow", `${LOOP0},mode=0600`], async () => {
    await io.stderr.until(/\n {2}The words are kept/);
  });
  expect(io.stderr.text).toContain(`warning: box: nothing acts yet on mode= of the rule ${LOOP0},mode=0600\n`);
});

test("listeners in the directory are told; --no-coldplug leaves out what is there already", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  await attached(io, ["--allow", LOOP0, "--no-coldplug"], async () => {
    const listener = io.kernel.directory(`${io.runtime.directory}/box`).bind("a.sock");
    await io.kernel.idle();
    io.kernel.change(LOOP0);
    await io.kernel.idle();
    expect(listener.readAll().map((bytes) => Buffer.from(bytes).toString().split("\0")[0])).toEqual([
      `change@${LOOP0}`,
    ]);
  });
});

test("what it puts into a container that runs is not left to its engine to bind in", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  const { pid } = io.kernel.container();
  const ways = ["--dev", "/run/its/dev", "--sysfs", "auto", "--netlink", "both", "--allow", LOOP0];
  await attached(io, ["--pid", `${pid}`, ...ways], async () => {});
  expect(io.stderr.text.match(/to \/\S+ in the container/g)).toEqual(["to /run/uevent in the container"]);
  using before = new FakeIo({ kernel: smallMachine() });
  await attached(before, ["--dev", "auto", "--sysfs", "auto", "--allow", LOOP0], async () => {});
  expect(before.stderr.text.match(/to \/\S+ in the container/g)).toHaveLength(3);
});

test.each([
  ["--dev", "ato", "Did you mean auto? A directory is written with a slash: ./ato."],
  ["--sysfs", "of", "Did you mean off? A directory is written with a slash: ./of."],
  ["--cgroup", "box", "It is auto, off or a directory. A directory is written with a slash: ./box."],
  ["--socket", "offf", "Did you mean off? A directory is written with a slash: ./offf."],
])("%s %s is no path by mistake", async (option, word, remedy) => {
  using io = new FakeIo({ kernel: smallMachine() });
  expect(await io.run("attach", "box", option, word, "--allow", LOOP0)).toBe(2);
  expect(io.stderr.text).toBe(`uevent-bridge: ${option} ${word}\n  ${remedy}\n`);
});

test("it ends with the container, with status 0", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  const container = io.kernel.container();
  const done = io.run("attach", "box", "--pid", `${container.pid}`, "--allow", LOOP0);
  await io.stderr.until("box: ");
  container.end();
  expect(await done).toBe(0);
  expect(io.stderr.text).toMatch(/box has ended\n$/);
});

test("a name that another process serves is refused before anything is told", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  await attached(io, ["--allow", LOOP0], async () => {
    using other = io.beside();
    expect(await other.run("attach", "box", "--allow", LOOP1, "--socket", "/run/other")).toBe(1);
    expect(other.stderr.text).toMatch(/another relay \(pid \d+\) serves this name/);
  });
});

test("--netlink kernel is refused where the container hears the host anyway", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  const { pid } = io.kernel.container({ userns: "initial", netns: "initial" });
  expect(await io.run("attach", "box", "--pid", `${pid}`, "--netlink", "kernel", "--allow", LOOP0)).toBe(1);
  expect(io.stderr.text).toMatch(/^uevent-bridge: .*\n  .+\n$/);
});

test("an overrun is told as a gap, and what it hid is told afterwards", async () => {
  const kernel = smallMachine({ receiveBuffer: 4096 });
  using io = new FakeIo({ kernel });
  await attached(io, ["--json", "--allow", "/devices/virtual/block"], async () => {
    for (let i = 0; i < 20; i++) kernel.change(LOOP0);
    kernel.unplug(LOOP1);
    await kernel.idle();
  });
  expect(io.stdout.json()).toContainEqual({ type: "gap", lost: "unknown", where: "kernel" });
  expect(io.stdout.json()).toContainEqual(expect.objectContaining({ action: "remove", devpath: LOOP1 }));
});
