import { KernelError } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { AttachOptions, BridgeError, Container, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { LOOP0, LOOP1, disk } from "./scene.js";

const DIRECTORY = "/run/bridge/.sys/box";
const [FIRST, SECOND] = [`${LOOP0}/loop0p1`, `${LOOP0}/loop0p2`];
const NIC = `${LOOP0}/net/eth0`;

describe("what a container finds in its /sys", () => {
  let kernel: FakeKernel;
  let relay: Relay;
  let place: ReturnType<FakeKernel["container"]>;

  beforeEach(async () => {
    kernel = new FakeKernel();
    kernel.plug(LOOP0, { ...disk(0), attributes: { ro: "0", size: "8" } });
    kernel.plug(FIRST, disk(2, "loop0p1"));
    kernel.plug(SECOND, disk(3, "loop0p2"));
    kernel.plug(LOOP1, { ...disk(1), attributes: { ro: "0" } });
    place = kernel.container();
    relay = await openRelay({ kernel, runtimeDir: "/run/bridge" });
  });
  afterEach(() => relay.close());

  const attach = (more: Partial<AttachOptions> = {}): Promise<Container> =>
    relay.attach({
      name: "box",
      pid: place.pid,
      deliver: { socket: true },
      sysfs: "auto",
      allow: [LOOP0],
      ...more,
    } as AttachOptions);

  const sys = () => kernel.sysDirectory(DIRECTORY);
  const found = () => [...(sys()?.devices.keys() ?? [])];
  const writable = () => Object.fromEntries([...(sys()?.devices ?? [])].filter(([, names]) => names.length > 0));

  async function rest(): Promise<void> {
    await kernel.idle();
    await relay.settle();
    await kernel.idle();
  }

  test("is what it may see, and goes with it", async () => {
    const box = await attach();
    expect(found()).toEqual([LOOP0, FIRST, SECOND]);
    expect(place.sys).toBe(sys()?.path);
    await box.allow(LOOP1);
    expect(found()).toEqual([LOOP0, FIRST, SECOND, LOOP1]);
    await box.setPolicy({ allow: [FIRST] });
    expect(found()).toEqual([FIRST]);
    await box.setPolicy({ allow: [LOOP1] });
    expect(found()).toEqual([LOOP1]);
    await box.detach();
    expect([sys(), place.sys]).toEqual([undefined, undefined]);
  });

  test("is there before any event says so, and gone before any event says that", async () => {
    const box = await attach({ allow: ["subsystem=block"], dev: "auto", cgroup: "auto" });
    const seen: string[] = [];
    const third = `${LOOP1}/loop1p1`;
    const order: string[] = [];
    for (const operation of ["put", "show", "hide"] as const) kernel.during(operation, () => order.push(operation));
    box.on("forwarded", ({ action, devpath }) => {
      order.push(action);
      seen.push(`${action} ${devpath === third && found().includes(third)}`);
    });
    kernel.plug(third, disk(4, "loop1p1"));
    await rest();
    kernel.unplug(third);
    await rest();
    expect(seen).toEqual(["add true", "remove false"]);
    expect(order).toEqual(["put", "show", "add", "hide", "remove"]);
  });

  test("what is denied below a shown device is not there, whenever it came", async () => {
    const box = await attach({ deny: [SECOND, `${LOOP0}/loop0p3`] });
    expect(found()).toEqual([LOOP0, FIRST]);
    kernel.plug(`${LOOP0}/loop0p3`, disk(5, "loop0p3"));
    kernel.plug(`${LOOP0}/loop0p3/deep`, { subsystem: "other" });
    kernel.plug(NIC, { subsystem: "net" }); // of the host's netns
    kernel.plug(`${LOOP0}/loop0p4`, disk(6, "loop0p4"));
    await rest();
    expect(found()).toEqual([LOOP0, FIRST, `${LOOP0}/loop0p4`]);
    await box.forget(SECOND);
    expect(found()).toEqual([LOOP0, FIRST, SECOND, `${LOOP0}/loop0p4`]);
    await box.deny(SECOND);
    expect(found()).toEqual([LOOP0, FIRST, `${LOOP0}/loop0p4`]);
  });

  test("after a loss too", async () => {
    const box = await attach({ deny: [SECOND] });
    kernel.overrun();
    kernel.unplug(SECOND, { silent: true });
    kernel.plug(SECOND, { ...disk(3, "loop0p2"), silent: true });
    kernel.unplug(FIRST, { silent: true });
    kernel.plug(FIRST, { ...disk(2, "loop0p1"), silent: true });
    kernel.change(LOOP1);
    await rest();
    expect(found()).toEqual([LOOP0, FIRST]);
    await box.detach();
  });

  test("a device that moves is found where it is, and what is below it", async () => {
    await attach({ allow: ["/devices/virtual"], deny: [`${FIRST}/*`] });
    kernel.plug(`${FIRST}/secret`, { subsystem: "other" });
    kernel.move(LOOP0, "/devices/virtual/block/disk0");
    await rest();
    expect(found()).toEqual(
      ["", "/loop0p1", "/loop0p1/secret", "/loop0p2"]
        .map((below) => `/devices/virtual/block/disk0${below}`)
        .concat(LOOP1),
    );
    expect(sys()?.linked).not.toContain(LOOP0);
  });

  test("an attribute can be written as long as a rule says so", async () => {
    const box = await attach({ allow: [`${LOOP0},sysfs=rw:ro,sysfs=rw:size`, `${LOOP1},sysfs=rw:none`] });
    expect(writable()).toEqual({ [LOOP0]: ["ro", "size"] });
    await box.setPolicy({ allow: [`${LOOP0},sysfs=rw:size`], deny: [SECOND] });
    expect(writable()).toEqual({ [LOOP0]: ["size"] });
    expect(found()).toEqual([LOOP0, FIRST]);
    await box.setPolicy({ allow: [LOOP0], deny: [SECOND] });
    expect(writable()).toEqual({});
    await box.grant(LOOP0, { sysfs: ["ro"] });
    expect(writable()).toEqual({ [LOOP0]: ["ro"] });
    expect(found()).toEqual([LOOP0, FIRST]);
  });

  test("of a container that has not started is made for its engine, and its netns shown when it has", async () => {
    const box = await attach({ pid: undefined } as never);
    expect(box.mounts).toContainEqual({
      source: sys()?.path,
      destination: "/sys",
      type: "bind",
      options: ["rbind", "rslave", "ro", "nosuid", "nodev", "noexec"],
    });
    expect(box.delivery).toContainEqual(expect.objectContaining({ channel: "sysfs", choice: sys()?.path }));
    expect(sys()?.network).toBeUndefined();
    await box.join({ pid: place.pid });
    expect([place.sys, sys()?.network]).toEqual([sys()?.path, place.netns.inode]);
  });

  test("stays when the relay is killed, and is the next one's then", async () => {
    await attach({ allow: ["subsystem=block"] });
    kernel.kill();
    expect(found()).toEqual([LOOP0, FIRST, SECOND, LOOP1]);
    relay = await openRelay({ kernel, runtimeDir: "/run/bridge" });
    await attach();
    expect([found(), sys()?.network]).toEqual([[LOOP0, FIRST, SECOND], place.netns.inode]);
  });

  test("what cannot be shown is said, and nothing else is kept from it", async () => {
    const trouble = new KernelError("PATH_UNUSABLE", "there is no room", "make some");
    kernel.fail("show", trouble);
    const box = await attach();
    const warnings: BridgeError[] = [];
    box.on("warning", (warning) => warnings.push(warning));
    await rest();
    expect(warnings.map(({ message }) => message)).toEqual(["there is no room"]);
    expect(found()).toEqual([FIRST, SECOND]);
  });

  test("a container into which it cannot be put is not attached, and nothing is left", async () => {
    kernel.fail("placeSys", new KernelError("PATH_UNUSABLE", "its /sys is the host's", "bind it in"));
    await expect(attach({ dev: "auto" })).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
    await kernel.idle();
    expect([sys(), place.dev, place.sys]).toEqual([undefined, undefined, undefined]);
  });

  test.each(["detach", "close"] as const)("what %s could not take away is said", async (end) => {
    const box = await attach();
    const warnings: string[] = [];
    relay.on("warning", ({ message }) => warnings.push(message));
    kernel.fail("takeAway", new KernelError("PATH_UNUSABLE", "it could not be taken away", "attach it again"));
    await (end === "detach" ? box.detach() : relay.close());
    await kernel.idle();
    expect(warnings).toEqual(["it could not be taken away"]);
  });

  test("that it cannot be put there is said once, to whom it concerns", async () => {
    const warnings: string[] = [];
    relay.on("warning", ({ message }) => warnings.push(message));
    for (const operation of ["placeDevices", "placeUdev"] as const)
      kernel.fail(operation, new KernelError("PATH_UNUSABLE", "no room", "make some"));
    await expect(attach({ dev: "auto" })).rejects.toThrow("no room");
    const box = await attach({ deliver: { netlink: "udev" } });
    box.on("warning", ({ message }) => warnings.push(message));
    await rest();
    expect(warnings).toEqual(["no room"]);
  });
});
