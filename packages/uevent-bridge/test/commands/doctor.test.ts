import { KernelError } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { ContainerOptions } from "@uevent-bridge/kernel/testing";
import { describe, expect, test } from "vitest";

import { checkRelease } from "../../src/doctor/host.js";
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

  test("whose reader lost events", async () => {
    const kernel = new FakeKernel({ udev: true });
    const container = kernel.container();
    container.reader();
    using io = new FakeIo({ kernel });
    await io.run("doctor", "--pid", `${container.pid}`);
    expect(io.stdout.text).toMatch(/ok {7}reader {3}socket \d+ listens there, 0 bytes wait/);
  });

  test("that is gone is a problem: status 1", async () => {
    using io = new FakeIo();
    expect(await io.run("doctor", "--pid", "99")).toBe(1);
    expect(io.stdout.text).toMatch(/^problem {2}target {3}there is no process 99\n {18}\S/m);
  });
});

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
