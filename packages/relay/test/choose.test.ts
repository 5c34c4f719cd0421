import { KernelError } from "@uevent-bridge/kernel";
import type { Look } from "@uevent-bridge/relay";
import { choose } from "@uevent-bridge/relay";
import { expect, test, vi } from "vitest";

import { LOOP0, headers, openScene } from "./scene.js";
import { heads, messages } from "./udev/messages.js";

const auto = { netlink: "auto" } as const;
const PLACE = "/run/bridge/.udev/box";

test.each<[netnsOwner: Look["netnsOwner"], udevd: Look["udevd"], netlink: string, reason: RegExp]>([
  ["own", "absent", "both", /no udevd that would tell programs of libudev/],
  ["own", "runs", "kernel", /its udevd tells programs of libudev/],
  ["own", "installed", "kernel", /a udevd is installed that may start/],
  ["own", "unknown", "kernel", /cannot be seen/],
  [
    "initial",
    "absent",
    "off",
    /the initial user namespace owns .* hear every event of the host already, but in a shadow .* shim$/,
  ],
  ["initial", "runs", "off", /the initial user namespace owns/],
  ["host", "absent", "off", /shares the host's network namespace/],
])("a netns of its owner %s, a udevd that %s: %s", (netnsOwner, udevd, netlink, reason) => {
  for (const control of [true, false]) {
    const choice = choose({ netnsOwner, udevd, control });
    expect(choice).toEqual({ netlink, reason: expect.stringMatching(reason) as string });
  }
});

test("where no udevd is, its programs of either kind are told, and find /run/udev, which no engine is asked for", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const [kernel, udev] = [own.reader(), own.reader({ group: "udev" })];
  const box = await scene.attach({ pid: own.pid, allow: [LOOP0], deliver: auto });
  await scene.rest();
  expect([own.udev, box.mounts]).toEqual([PLACE, []]);
  expect(box.delivery.at(-1)).toMatchObject({ channel: "netlink", choice: "both" });
  expect(headers(kernel.readAll())).toEqual([`add@${LOOP0}`]);
  expect(heads(messages(udev.readAll()))).toEqual([`add@${LOOP0}`]);
  await box.detach();
  expect([own.udev, scene.kernel.udevDirectory(PLACE)]).toEqual([undefined, undefined]);
});

test.each(["runs", "installed", "unknown"] as const)(
  "where a udevd %s nothing of ours is in its way",
  async (udevd) => {
    await using scene = await openScene();
    const own = scene.kernel.container();
    own.udevd = udevd;
    const [kernel, udev] = [own.reader(), own.reader({ group: "udev" })];
    const box = await scene.attach({ pid: own.pid, allow: [LOOP0], deliver: auto });
    await scene.rest();
    expect([own.udev, scene.kernel.udevDirectory(PLACE)]).toEqual([undefined, undefined]);
    expect(box.delivery.at(-1)).toMatchObject({ channel: "netlink", choice: "kernel" });
    expect([headers(kernel.readAll()), udev.readAll()]).toEqual([[`add@${LOOP0}`], []]);
  },
);

test("a container that joins later is looked at then, with its own net devices", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0, "subsystem=net"], deliver: auto });
  expect(box.delivery.at(-1)).toMatchObject({
    choice: "off",
    reason: expect.stringContaining("not started") as string,
  });
  const own = scene.kernel.container();
  const udev = own.reader({ group: "udev" });
  scene.kernel.plug("/devices/virtual/net/veth0", { subsystem: "net", netns: own });
  await box.join({ pid: own.pid });
  await scene.rest();
  expect(heads(messages(udev.readAll()))).toEqual([`add@${LOOP0}`, "add@/devices/virtual/net/veth0"]);
});

test("what was asked for is said, and that nobody has started, for as long as nobody has", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0], deliver: { netlink: "kernel" } });
  expect(box.delivery.at(-1)).toMatchObject({
    choice: "off",
    reason: expect.stringContaining("not started") as string,
  });
  await box.join({ pid: scene.kernel.container().pid });
  expect(box.delivery.at(-1)).toEqual({ channel: "netlink", choice: "kernel", reason: "it was asked for" });
});

const refusal = new KernelError("PATH_UNUSABLE", "its /run is the host's", "none");

test.each([
  ["cannot be put there", "placeUdev"],
  ["cannot be made", "openUdevDirectory"],
] as const)("where /run/udev %s, programs of the kernel's group are told all the same", async (_, operation) => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const kernel = own.reader();
  scene.kernel.fail(operation, refusal);
  const box = await scene.attach({ pid: own.pid, allow: [LOOP0], deliver: auto });
  await scene.rest();
  const reason = "programs of libudev would not listen: its /run is the host's";
  expect(box.delivery.at(-1)).toEqual({ channel: "netlink", choice: "kernel", reason });
  expect(headers(kernel.readAll())).toEqual([`add@${LOOP0}`]);
  expect(scene.kernel.udevDirectory(PLACE)).toBeUndefined();
});

test("where a /run/udev of another is, as an engine binds the host's in, it is let be, and libudev's programs are told", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  own.hasControl = true;
  const udev = own.reader({ group: "udev" });
  const box = await scene.attach({ pid: own.pid, allow: [LOOP0], deliver: auto });
  await scene.rest();
  expect([own.udev, box.delivery.at(-1)?.choice]).toEqual([undefined, "both"]);
  expect(heads(messages(udev.readAll()))).toEqual([`add@${LOOP0}`]);
  expect(scene.kernel.udevDirectory(PLACE)).toBeUndefined();
});

test("a udevd that comes later finds room, and nothing is told twice", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    await using scene = await openScene();
    const own = scene.kernel.container();
    const [kernel, udev] = [own.reader(), own.reader({ group: "udev" })];
    const box = await scene.attach({ pid: own.pid, allow: [LOOP0], deliver: auto });
    const warnings: string[] = [];
    box.on("warning", ({ code, message }) => warnings.push(`${code} ${message}`));
    await vi.advanceTimersByTimeAsync(25_000);
    await scene.kernel.idle();
    expect([warnings, own.udev]).toEqual([[], PLACE]);
    kernel.readAll();
    udev.readAll();
    own.udevd = "installed";
    await vi.advanceTimersByTimeAsync(10_000);
    await scene.kernel.idle();
    scene.kernel.change(LOOP0);
    await vi.advanceTimersByTimeAsync(1000);
    await scene.kernel.idle();
    expect(warnings).toEqual([expect.stringMatching(/^PATH_UNUSABLE box: a udevd has come there/)]);
    expect([own.udev, scene.kernel.udevDirectory(PLACE)]).toEqual([undefined, undefined]);
    expect(box.delivery.at(-1)).toMatchObject({ choice: "kernel" });
    expect([headers(kernel.readAll()), udev.readAll()]).toEqual([[`change@${LOOP0}`], []]);
    own.udevd = "absent";
    await vi.advanceTimersByTimeAsync(60_000);
    expect(warnings).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

test("a container that does not answer is not asked again", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    await using scene = await openScene();
    const own = scene.kernel.container();
    const box = await scene.attach({ pid: own.pid, allow: [LOOP0], deliver: auto });
    own.udevd = "unknown";
    await vi.advanceTimersByTimeAsync(10_000);
    own.udevd = "installed";
    await vi.advanceTimersByTimeAsync(60_000);
    expect(box.delivery.at(-1)).toMatchObject({ choice: "both" });
  } finally {
    vi.useRealTimers();
  }
});

test("a detach while the container is looked at leaves nothing, and no claim that would keep its device from others", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const claim = [`${LOOP0},exclusive`];
  scene.kernel.during("udevInside", () => own.end());
  const attached = scene.attach({ pid: own.pid, allow: claim, deliver: auto });
  await expect(attached).rejects.toMatchObject({ code: "TARGET_GONE" });
  await scene.kernel.idle();
  expect([own.udev, scene.kernel.udevDirectory(PLACE)]).toEqual([undefined, undefined]);
  const other = await scene.attach({ name: "other", allow: claim });
  expect(await other.explain(LOOP0)).toMatchObject({ reason: "allowed", holder: "other" });
});

test("a join that fails leaves nothing of it, and another one is looked at anew", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0], deliver: auto });
  const [first, second] = [scene.kernel.container(), scene.kernel.container()];
  scene.kernel.fail("openInjector", new KernelError("NO_PRIVILEGE", "this process may not", "run as root"));
  await box.join({ pid: first.pid });
  await scene.rest();
  expect(box.delivery.at(-1)).toEqual({ channel: "netlink", choice: "off", reason: "this process may not" });
  expect([first.udev, scene.kernel.udevDirectory(PLACE)]).toEqual([undefined, undefined]);
  await box.detach();
  const again = await scene.attach({ pid: second.pid, allow: [LOOP0], deliver: auto });
  expect([second.udev, again.delivery.at(-1)?.choice]).toEqual([PLACE, "both"]);
});
