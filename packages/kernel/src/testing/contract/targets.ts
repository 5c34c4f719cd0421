import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import { KernelError } from "../../errors.js";
import type { Kernel } from "../../kernel.js";
import type { Target, TargetRef } from "../../target.js";
import { Ear, need, until } from "./tools.js";
import type { TestContainer, World } from "./world.js";

const NO_PID = 0x3fff_ffff; // above any pid_max

/** The promises of `Target`. */
export function targetCases(world: () => World): void {
  test("a container's namespaces and ids are said", async (context) => {
    const box = await start(context, world(), "own");
    const target = open(world().kernel, { pid: box.pid });
    const { netns, root } = box;
    expect(target).toMatchObject({ pid: box.pid, netns, root, user: root });
    expect(target).toMatchObject({ sharesHostNetns: false, ownedByInitialUserns: false });
  });

  test("a path names a network namespace, without a process", async (context) => {
    const box = await start(context, world(), "own");
    const target = open(world().kernel, { netns: box.path });
    expect(target).toMatchObject({ netns: box.netns, root: box.root, user: box.root, ownedByInitialUserns: false });
    expect(target.pid).toBeUndefined();
  });

  test("its ids are others on the host, and one that it does not have is none there", async (context) => {
    const box = await start(context, world(), "own");
    const target = open(world().kernel, { pid: box.pid });
    target.close();
    expect(target.toHost({ uid: 0, gid: 0 })).toEqual(box.root);
    for (const ids of [
      { uid: 4_000_000_000, gid: 0 },
      { uid: 0, gid: 4_000_000_000 },
    ])
      expect(() => target.toHost(ids)).toThrow(
        expect.objectContaining({
          code: "ID_UNMAPPED",
          message: expect.stringContaining(`${ids.uid}:${ids.gid}`) as unknown,
        }),
      );
  });

  test("in the initial user namespace they are the same", async (context) => {
    const box = await start(context, world(), "initial");
    const ids = { uid: 1000, gid: 70_000 };
    expect(open(world().kernel, { pid: box.pid }).toHost(ids)).toEqual(ids);
  });

  test("a network namespace of the initial user namespace is known as such", async (context) => {
    const box = await start(context, world(), "initial");
    const target = open(world().kernel, { pid: box.pid });
    expect(target).toMatchObject({ ownedByInitialUserns: true, sharesHostNetns: false, root: { uid: 0, gid: 0 } });
  });

  test("it is not injected into: its programs hear the host already", async (context) => {
    const box = await start(context, world(), "initial");
    const target = open(world().kernel, { pid: box.pid });
    expect(codeOf(() => target.openInjector("kernel"))).toBe("TARGET_SHARES_HOST");
    expect(() => target.openInjector("kernel")).toThrow(
      expect.objectContaining({ remedy: expect.stringMatching(/user namespace.*--shadow.*socket.*shim/) as unknown }),
    );
  });

  test("the caller's own network namespace is known as such", () => {
    expect(open(world().kernel, { pid: process.pid }).sharesHostNetns).toBe(true);
  });

  test("a process that is not there is gone", () => {
    expect(codeOf(() => open(world().kernel, { pid: NO_PID }))).toBe("TARGET_GONE");
  });

  test("a process that ended is gone", async (context) => {
    const box = await start(context, world(), "own");
    await box.end();
    expect(codeOf(() => open(world().kernel, { pid: box.pid }))).toBe("TARGET_GONE");
  });

  test.for(["/", "/nowhere/at/all", "/dev/null", "relative", ""])("the path %j is no network namespace", (netns) => {
    expect(codeOf(() => open(world().kernel, { netns }))).toBe("TARGET_NO_NETNS");
  });

  test("the end of a process is told, once it has ended", async (context) => {
    const box = await start(context, world(), "own");
    let ended = false;
    void open(world().kernel, { pid: box.pid }).ended.then(() => (ended = true));
    await world().settle();
    expect(ended).toBe(false);
    await box.end();
    await until(() => ended, "the end is told");
  });

  test("a path outlives its process", async (context) => {
    const box = await start(context, world(), "own");
    let ended = false;
    void open(world().kernel, { netns: box.path }).ended.then(() => (ended = true));
    await box.end();
    await world().settle();
    expect(ended).toBe(false);
  });

  test("programs that listen are named, with what waits for them and what they lost", async (context) => {
    const box = await start(context, world(), "own");
    const target = open(world().kernel, { pid: box.pid });
    expect(await target.programs()).toEqual([]);
    const readers = [await box.reader(), await box.reader({ group: "udev" })];
    const programs = (await target.programs()).filter(({ pid }) => pid === box.pid);
    expect(programs.every(({ name }) => name.length > 0)).toBe(true);
    const sockets = programs.flatMap((program) => program.sockets).sort((a, b) => a.inode - b.inode);
    const expected = readers.map(({ inode }, i) => ({ inode, groups: [i === 0 ? "kernel" : "udev"] }));
    expect(sockets).toMatchObject(expected.sort((a, b) => a.inode - b.inode));
    for (const socket of sockets) {
      expect(socket).toMatchObject({ rmem: 0, drops: 0, isFiltered: false });
      expect(socket.receiveBuffer).toBeGreaterThan(1000);
    }
  });

  test("of a network namespace without a process it is not known what udev is there", async (context) => {
    const box = await start(context, world(), "own");
    const inside = await open(world().kernel, { netns: box.path }).udevInside();
    expect(inside).toEqual({ udevd: "unknown", control: false });
  });

  test("network devices are heard and seen in their own namespace only", async (context) => {
    const box = await start(context, world(), "own");
    const net = need(context, box.net);
    const target = open(world().kernel, { pid: box.pid });
    const [inside, outside] = [new Ear(target), new Ear(world().kernel)];
    const devpath = await net.plug();
    inside.source.drain();
    outside.source.drain();
    const heard = [inside, outside].map((ear) => ear.heard.some(({ text }) => text.startsWith(`add@${devpath}\0`)));
    const devices = target.openDevices();
    onTestFinished(() => devices.close());
    expect(heard).toEqual([true, false]);
    expect(devices.read(devpath)?.subsystem).toBe("net");
    expect(world().kernel.devices.read(devpath)).toBeUndefined();
  });

  test("a namespace with a user namespace of its own does not hear the host's devices", async (context) => {
    const events = need(context, world().events);
    const box = await start(context, world(), "own");
    const ear = new Ear(open(world().kernel, { pid: box.pid }));
    await events.say(0, 3);
    await world().settle();
    ear.source.drain();
    expect(ear.numbers(events)).toEqual([]);
  });
}

/** The code of the KernelError that a call throws, which says what can be done about it. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof KernelError && error.remedy !== "" ? error.code : String(error);
  }
  return "no error";
}

/** A target that is closed when the case is over. */
/** The same of a promise. */
export function codeOfAsync(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "",
    (error: unknown) => (error instanceof KernelError ? error.code : String(error)),
  );
}

export function open(kernel: Kernel, ref: TargetRef): Target {
  const target = kernel.openTarget(ref);
  onTestFinished(() => target.close());
  return target;
}

export function start(context: TestContext, world: World, userns: "own" | "initial"): Promise<TestContainer> {
  return need(context, world.containers).start(userns);
}
