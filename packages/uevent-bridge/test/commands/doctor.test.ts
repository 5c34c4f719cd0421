import { KernelError } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { ContainerOptions, FakeContainer, ReaderOptions } from "@uevent-bridge/kernel/testing";
import { describe, expect, test } from "vitest";

import { controlPath, makeControlDirectory } from "../../src/control/directory.js";
import { serveControl } from "../../src/control/server.js";
import { checkRelease } from "../../src/doctor/host.js";
import { leaveDeadSocket } from "../dead-socket.js";
import { examined } from "../examined.js";
import { FakeIo } from "../fake-io.js";

test("a machine on which all is well: status 0", async () => {
  using io = new FakeIo({ kernel: new FakeKernel({ udev: true }) });
  expect(await io.run("doctor")).toBe(0);
  expect(io.stdout.text).not.toMatch(/^problem/m);
  for (const check of ["kernel", "events", "buffer", "udev", "sockets"]) {
    expect(io.stdout.text).toMatch(new RegExp(`^ok {7}${check}`, "m"));
  }
});

test("what may matter is a note with its remedy, and no failure", async () => {
  using io = new FakeIo({ kernel: new FakeKernel({ receiveBuffer: 200_000 }) });
  expect(await io.run("doctor", "--json")).toBe(0);
  const notes = (io.stdout.json() as { level: string; check: string; remedy: string }[]).filter(
    ({ level }) => level === "note",
  );
  expect(notes.map(({ check }) => check)).toEqual(["buffer", "udev"]);
  for (const { remedy } of notes) expect(remedy).toMatch(/^[A-Z].*\.$/);
});

test("whether relays of this user serve anybody is said of a container, and which were killed", async () => {
  using io = new FakeIo();
  const { pid } = io.kernel.container();
  const findings = async (): Promise<readonly (readonly [code: string, message: string])[]> => {
    const other = io.beside();
    await other.run("doctor", "--pid", `${pid}`, "--json");
    const all = other.stdout.json() as { check: string; code: string; message: string }[];
    return all.filter(({ check }) => check === "relay").map(({ code, message }) => [code, message] as const);
  };
  expect(await findings()).toEqual([["relay.none", "no relay of this user is attached: nobody tells it of devices"]]);

  await makeControlDirectory(io.runtime);
  await leaveDeadSocket(controlPath(io.runtime, "hubox"));
  const killed = ["relay.killed", expect.stringMatching(/^a relay was killed that served hubox: /)];
  expect(await findings()).toEqual([["relay.none", expect.anything()], killed]);

  const server = await serveControl(controlPath(io.runtime, "box"), () => new Promise(() => {}));
  expect(await findings()).toEqual([["relay.attached", `relays of this user serve box (pid ${process.pid})`]]);
  await server[Symbol.asyncDispose]();
});

describe("a container", () => {
  test.each<[name: string, options: ContainerOptions, found: Record<string, RegExp>]>([
    [
      "with a user namespace of its own",
      {},
      { netns: /its root is 100000:100000/, netlink: /can be said/, reader: /nobody listens/ },
    ],
    [
      "owned by the initial user namespace",
      { userns: "initial", netns: "initial" },
      { netns: /initial user namespace owns.*hears every event/ },
    ],
    ["that shares the host's netns", { netns: "host" }, { netns: /shares the host's/ }],
  ])("%s", async (_name, options, found) => {
    const kernel = new FakeKernel({ udev: true });
    const { pid } = kernel.container(options);
    using io = new FakeIo({ kernel });
    expect(await io.run("doctor", "--pid", `${pid}`, "--json")).toBe(0);
    const messages = Object.fromEntries(
      (io.stdout.json() as { check: string; message: string }[]).map((f) => [f.check, f.message]),
    );
    for (const [check, message] of Object.entries(found)) expect(messages[check]).toMatch(message);
  });

  test.each<[name: string, netlink: string, make: (kernel: FakeKernel) => FakeContainer]>([
    ["without a udevd", "both", (kernel) => kernel.container()],
    ["that has one", "kernel", (kernel) => Object.assign(kernel.container(), { udevd: "installed" })],
    ["that hears the host", "off", (kernel) => kernel.container({ netns: "host" })],
  ])("%s: it is said that auto chooses %s, and why", async (_name, netlink, make) => {
    const kernel = new FakeKernel({ udev: true });
    const [choice] = (await examined(kernel, make(kernel))).filter(({ code }) => code === "auto.choice");
    expect(choice?.message).toMatch(new RegExp(`would choose ${netlink}: .*\\w`));
  });

  test.each<[code: string, level: string, make: (kernel: FakeKernel) => FakeContainer]>([
    ["netlink.no-root", "problem", (kernel) => kernel.container({ hasRoot: false })],
    ["run-udev.unknown", "problem", (kernel) => Object.assign(kernel.container(), { udevd: "unknown" })],
    ["run-udev.absent", "note", (kernel) => kernel.container()],
    ["run-udev.no-udevd", "note", (kernel) => Object.assign(kernel.container(), { udevd: "installed" })],
    ["run-udev.there", "ok", (kernel) => Object.assign(kernel.container(), { hasControl: true })],
    ["run-udev.udevd", "ok", (kernel) => Object.assign(kernel.container(), { udevd: "runs" })],
    ["cgroup.open", "ok", (kernel) => kernel.container()],
    ["cgroup.limited", "ok", (kernel) => limited(kernel)],
    ["reader.none", "note", (kernel) => kernel.container()],
    ["reader.listens", "ok", (kernel) => listening(kernel, {})],
    ["reader.deaf", "problem", (kernel) => listening(kernel, { group: "none" })],
    ["reader.filtered", "note", (kernel) => listening(kernel, { group: "udev", isFiltered: true })],
    ["reader.full", "problem", (kernel) => overrun(kernel)],
    ["reader.lost", "note", (kernel) => overrun(kernel)],
  ])("%s is a %s", async (code, level, make) => {
    const kernel = new FakeKernel({ udev: true });
    const found = await examined(kernel, make(kernel));
    const [finding] = found.filter((each) => each.code === code);
    expect(finding).toMatchObject({ type: "finding", check: code.split(".")[0], level });
    if (level !== "ok") expect(finding?.remedy).toMatch(/^[A-Z].*\.$/);
    if (code.startsWith("reader.") && code !== "reader.none") expect(finding?.message).toMatch(/^mdev \(pid \d+\)/);
  });

  test("udevd's sockets that only speak are no deaf programs", async () => {
    const kernel = new FakeKernel({ udev: true });
    const box = listening(kernel, { group: "none", program: "(udev-worker)" });
    expect((await examined(kernel, box)).map(({ code }) => code)).not.toContain("reader.deaf");
  });

  test("what a program calls itself cannot steer a terminal", async () => {
    const kernel = new FakeKernel({ udev: true });
    const { pid } = listening(kernel, { program: "\x1b[2Jmdev" });
    using io = new FakeIo({ kernel });
    await io.run("doctor", "--pid", `${pid}`);
    expect(io.stdout.text).toContain("mdev");
    expect(io.stdout.text).not.toContain("\x1b");
  });

  test("where nothing can be said is told so, with all else that is found", async () => {
    const kernel = new FakeKernel({ udev: true });
    const box = listening(kernel, { group: "none" });
    kernel.fail("openInjector", new KernelError("NO_PRIVILEGE", "it is not ours", "Be root."));
    const found = await examined(kernel, box);
    expect(found.find(({ code }) => code === "netlink.impossible")).toMatchObject({
      level: "problem",
      message: "it is not ours",
      remedy: "Be root.",
    });
    expect(found.map(({ code }) => code)).toEqual(expect.arrayContaining(["target.there", "netns.own", "reader.deaf"]));
  });

  test("that is gone is a problem: status 1", async () => {
    using io = new FakeIo();
    expect(await io.run("doctor", "--pid", "99")).toBe(1);
    expect(io.stdout.text).toMatch(/^problem {2}target {3}there is no process 99\n {18}\S/m);
  });
});

/** A container whose runtime has said what may be opened. */
function limited(kernel: FakeKernel): FakeContainer {
  const box = kernel.container();
  box.cgroup.allow("c 1:3 rw");
  return box;
}

/** A container in which a program listens. */
function listening(kernel: FakeKernel, options: ReaderOptions): FakeContainer {
  const box = kernel.container();
  box.reader({ program: "mdev", ...options });
  return box;
}

/** One in which it does not read, and lost something. */
function overrun(kernel: FakeKernel): FakeContainer {
  const box = listening(kernel, { receiveBuffer: 12_800 });
  for (let n = 0; n < 20; n++) kernel.emit(new Uint8Array(300), { netns: box });
  return box;
}

test("an addon that does not load is the first thing to mend; the rest is looked at nevertheless", async () => {
  using io = new FakeIo();
  io.openKernel = () => Promise.reject(new KernelError("ADDON_MISSING", "it does not load", "Build it."));
  expect(await io.run("doctor")).toBe(1);
  expect(io.stdout.text).toMatch(/^problem {2}addon {4}it does not load\n {18}Build it\.\n/m);
  expect(io.stdout.text).toMatch(/^ok {7}sockets/m);
});

test.each([
  ["4.19.0", "problem"],
  ["5.2.99", "problem"],
  ["5.3.0", "ok"],
  ["6.1.0-18-amd64", "ok"],
  ["10.0", "ok"],
])("Linux %s is %s", (release, level) => {
  expect(checkRelease(release).level).toBe(level);
});
