import { KernelError } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import type { AttachOptions, BridgeError, Container, Relay } from "@uevent-bridge/relay";
import { openRelay } from "@uevent-bridge/relay";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";

import { LOOP0, LOOP1, disk } from "./scene.js";

const DIRECTORY = "/run/bridge/.dev/box";
const PART = `${LOOP0}/loop0p1`;

describe("what a container has of its devices", () => {
  let kernel: FakeKernel;
  let relay: Relay;
  let place: ReturnType<FakeKernel["container"]>;

  beforeEach(async () => {
    kernel = new FakeKernel();
    kernel.plug(LOOP0, disk(0));
    kernel.plug(LOOP1, disk(1));
    place = kernel.container();
    relay = await openRelay({ kernel, runtimeDir: "/run/bridge" });
  });
  afterEach(() => relay.close());

  const attach = (more: Partial<AttachOptions> = {}): Promise<Container> =>
    relay.attach({
      name: "box",
      pid: place.pid,
      deliver: { socket: true },
      dev: "auto",
      cgroup: "auto",
      allow: [LOOP0],
      ...more,
    } as AttachOptions);

  const nodes = (): readonly string[] =>
    [...(kernel.deviceDirectory(DIRECTORY) ?? [])].filter(([name]) => name.startsWith("loop")).map(([name]) => name);
  const mayOpen = (minor: number): boolean => place.cgroup.mayOpen(`b 7:${minor} rw`);
  const open = (): readonly number[] => [0, 1, 2].filter(mayOpen);

  async function rest(): Promise<void> {
    await kernel.idle();
    await relay.settle();
    await kernel.idle();
  }

  test("is what it may see, and goes with it; the rest stays as it was", async () => {
    expect(open()).toEqual([0, 1, 2]);
    const box = await attach();
    expect([nodes(), open()]).toEqual([["loop0"], [0]]);
    expect(place.cgroup.mayOpen("c 1:3 rw")).toBe(true);
    expect(kernel.deviceDirectory(DIRECTORY)?.get("loop0")).toMatchObject({ mode: 0o660, uid: 100_000, gid: 100_000 });
    await box.allow(LOOP1);
    expect([nodes(), open()]).toEqual([
      ["loop0", "loop1"],
      [0, 1],
    ]);
    await box.deny(LOOP0);
    expect([nodes(), open()]).toEqual([["loop1"], [1]]);
    await box.detach();
    expect([nodes(), open()]).toEqual([[], [0, 1, 2]]);
  });

  test("is what its programs may open, also where it has no /dev of ours", async () => {
    const box = await attach({ dev: "off" });
    expect([nodes(), open()]).toEqual([[], [0]]);
    await box.allow(LOOP1);
    expect(open()).toEqual([0, 1]);
    await box.detach();
    expect(open()).toEqual([0, 1, 2]);
  });

  test("is there before any event says so, and gone before any event says that", async () => {
    const box = await attach({ allow: ["subsystem=block"] });
    const seen: string[] = [];
    const at = (path: string, minor: number) => `${nodes().includes(path)} ${mayOpen(minor)}`;
    box.on("forwarded", ({ action, devpath }) => {
      if (devpath === PART) seen.push(`${action} ${at("loop0p1", 2)}`);
    });
    kernel.plug(PART, disk(2, "loop0p1"));
    await rest();
    kernel.unplug(PART);
    await rest();
    expect(seen).toEqual(["add true true", "remove false false"]);
  });

  test("follows words, and a change of words", async () => {
    const box = await attach({ allow: [`${LOOP0},access=r,mode=0600,owner=5:6`] });
    expect(kernel.deviceDirectory(DIRECTORY)?.get("loop0")).toMatchObject({ mode: 0o600, uid: 100_005, gid: 100_006 });
    expect([mayOpen(0), place.cgroup.mayOpen("b 7:0 r")]).toEqual([false, true]);
    await box.allow("subsystem=block,access=w");
    expect([mayOpen(0), place.cgroup.mayOpen("b 7:1 w")]).toEqual([true, true]);
  });

  test("has the mode that the kernel gives its node, if no rule says another", async () => {
    kernel.plug(PART, { ...disk(2), properties: { ...disk(2).properties, DEVNAME: "loop0p1", DEVMODE: "0604" } });
    const box = await attach({ allow: [PART] });
    const modeOf = (name: string) => kernel.deviceDirectory(DIRECTORY)?.get(name);
    expect(modeOf("loop0p1")).toMatchObject({ mode: 0o604 });
    await box.allow(`${PART},mode=0640`);
    expect(modeOf("loop0p1")).toMatchObject({ mode: 0o640 });
  });

  test("rules that contradict each other fail the attach, and later are said", async () => {
    await expect(attach({ allow: [`${LOOP0},mode=0600`, "subsystem=block,mode=0666"] })).rejects.toMatchObject({
      code: "POLICY_CONFLICT",
    });
    expect(open()).toEqual([0, 1, 2]);
    const box = await attach({ allow: [`${LOOP0},mode=0600`] });
    const warnings: BridgeError[] = [];
    box.on("warning", (warning) => warnings.push(warning));
    await box.allow("subsystem=block,mode=0666");
    await rest();
    expect(warnings.map(({ code }) => code)).toEqual(["POLICY_CONFLICT"]);
    expect(nodes()).toEqual(["loop0", "loop1"]);
  });

  test("where rules contradict each other the container has no more than each of them lets it", async () => {
    const box = await attach({
      allow: [`${LOOP0},access=r,mode=0640,owner=5:6`, "env:MOOD=bad,access=r,mode=0404,owner=7:8"],
    });
    kernel.change(LOOP0, { properties: { MOOD: "bad" } });
    await rest();
    const now = (): unknown => [mayOpen(0), kernel.deviceDirectory(DIRECTORY)?.get("loop0")];
    expect(now()).toEqual([false, expect.objectContaining({ mode: 0o400, uid: 100_000, gid: 100_000 })]);
    await box.grant(LOOP0, { access: "r", mode: 0o666 });
    await rest();
    expect(now()).toEqual([false, expect.objectContaining({ mode: 0o400 })]);
  });

  test("is placed into a container that runs, after what it may see is in it, and taken away", async () => {
    const box = await attach();
    expect(place.dev).toBe(`${DIRECTORY}/dev`);
    await box.detach();
    expect(place.dev).toBeUndefined();
  });

  test("what a killed relay left of it is undone for one that is not to have it any more, and with what it is to have it stays", async () => {
    await attach({ sysfs: "auto" });
    const found = (): unknown => [
      place.dev,
      place.sys,
      kernel.sysDirectory("/run/bridge/.sys/box") !== undefined,
      open(),
    ];
    const sys = "/run/bridge/.sys/box/fs/sys";
    expect(found()).toEqual([`${DIRECTORY}/dev`, sys, true, [0]]);
    kernel.kill();
    await using half = await openRelay({ kernel, runtimeDir: "/run/bridge" });
    await half.attach({ name: "box", pid: place.pid, deliver: { socket: true }, sysfs: "auto", allow: [LOOP1] });
    expect(found()).toEqual([undefined, sys, true, [0, 1, 2]]);
    kernel.kill();
    await using next = await openRelay({ kernel, runtimeDir: "/run/bridge" });
    await next.attach({ name: "box", pid: place.pid, deliver: { socket: true }, allow: [LOOP1] });
    expect(found()).toEqual([undefined, undefined, false, [0, 1, 2]]);
  });

  test("of a container that has not started is made for its engine, and its rights come when it has", async () => {
    const box = await attach({ pid: undefined } as never);
    expect(box.mounts).toContainEqual({
      source: `${DIRECTORY}/dev`,
      destination: "/dev",
      type: "bind",
      options: ["bind", "ro", "nosuid", "noexec"],
    });
    expect(open()).toEqual([0, 1, 2]);
    await box.join({ pid: place.pid });
    expect([nodes(), open()]).toEqual([["loop0"], [0]]);
    expect(kernel.deviceDirectory(DIRECTORY)?.get("loop0")).toMatchObject({ uid: 100_000 });
  });

  test("of one that could not be joined is given back, and another join has it, in another cgroup too", async () => {
    const box = await attach({ pid: undefined } as never);
    const stuck = (): never => {
      throw new KernelError("PATH_UNUSABLE", "its /dev is busy", "try again");
    };
    const first = place;
    kernel.during("placeDevices", stuck);
    await expect(box.join({ pid: first.pid })).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
    expect(open()).toEqual([0, 1, 2]);
    kernel.during("placeDevices", stuck);
    await expect(box.join({ pid: first.pid })).rejects.toThrow("its /dev is busy");
    place = kernel.container();
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    await box.join({ pid: place.pid });
    expect([nodes(), open()]).toEqual([["loop0"], [0]]);
    first.cgroup.allow("c 1:5 rw");
    await vi.advanceTimersByTimeAsync(1000);
    vi.useRealTimers();
    expect(first.cgroup.inForce).toBe(false);
    await box.detach();
    expect(open()).toEqual([0, 1, 2]);
  });

  test("is kept when somebody says anew what may be opened, and that is said", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const box = await attach();
    const warnings: BridgeError[] = [];
    box.on("warning", (warning) => warnings.push(warning));
    place.cgroup.allow("c 1:5 rw");
    expect(mayOpen(0)).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    vi.useRealTimers();
    await rest();
    expect(open()).toEqual([0]);
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining("said anew")]);
  });

  test("is looked after until it is detached", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const box = await attach();
    expect(vi.getTimerCount()).toBe(1);
    await box.detach();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("stays in force when the relay is killed, and is the next one's then", async () => {
    await attach({ allow: ["subsystem=block"] });
    kernel.kill();
    expect([nodes(), open()]).toEqual([
      ["loop0", "loop1"],
      [0, 1],
    ]);
    relay = await openRelay({ kernel, runtimeDir: "/run/bridge" });
    const box = await attach();
    expect([nodes(), open()]).toEqual([["loop0"], [0]]);
    await box.detach();
    expect(open()).toEqual([0, 1, 2]);
  });

  test("what cannot be had fails the attach and leaves nothing", async () => {
    const host = kernel.container({ cgroup: "host" });
    await expect(attach({ pid: host.pid })).rejects.toMatchObject({ code: "TARGET_SHARES_HOST" });
    expect(kernel.deviceDirectory(DIRECTORY)).toBeUndefined();
    await expect(attach({ cgroup: "/nowhere" })).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
    const box = await attach();
    expect(nodes()).toEqual(["loop0"]);
    await box.detach();
  });
});
