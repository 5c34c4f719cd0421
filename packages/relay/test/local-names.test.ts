import { expect, onTestFinished, test, vi } from "vitest";

import { LOOP0, LOOP1, disk, latin1, openScene } from "./scene.js";

const PART = `${LOOP0}/loop0p1`;

/** A container with all that says names, by these rules. */
async function begin(...allow: readonly string[]) {
  const scene = await openScene();
  scene.kernel.plug(PART, disk(1, "loop0p1"));
  await scene.rest();
  const place = scene.kernel.container();
  const readers = { kernel: place.reader(), udev: place.reader({ group: "udev" }) };
  const box = await scene.attach({
    pid: place.pid,
    deliver: { socket: true, netlink: "both" },
    dev: "auto",
    allow,
  });
  const warnings: string[] = [];
  box.on("warning", ({ code, message }) => warnings.push(`${code} ${message}`));
  const listener = scene.listen();
  await scene.rest();
  /** Action and node of each event, on the socket, in udev's form and in the kernel's. */
  const heard = async (): Promise<{ socket: string[]; kernel: string[]; udev: string[] }> => {
    await scene.rest();
    const said = { socket: listener.readAll().map(nodeOf), kernel: [] as string[], udev: [] as string[] };
    for (const group of ["kernel", "udev"] as const)
      for (let bytes = readers[group].read(); bytes; bytes = readers[group].read()) said[group].push(nodeOf(bytes));
    return said;
  };
  const nodes = (): string[] => {
    const all = [...(scene.kernel.deviceDirectory("/run/bridge/.dev/box") ?? [])];
    return all.map(([name]) => name).filter((name) => /loop|disk|b\//.test(name));
  };
  return { scene, box, heard, nodes, warnings };
}

function nodeOf(bytes: Uint8Array): string {
  const text = latin1(bytes);
  return `${/ACTION=(\w+)/.exec(text)?.[1]} ${/DEVNAME=([^\0]+)/.exec(text)?.[1]}`;
}

test("a device is called by its name in the container wherever it is named, from add to remove", async () => {
  const { scene, heard, nodes } = await begin(`${LOOP0},as=b/disk`);
  await using _ = scene;
  const added = ["add b/disk", "add loop0p1"];
  expect(await heard()).toEqual({ socket: added, kernel: added, udev: ["add /dev/b/disk", "add /dev/loop0p1"] });
  expect(nodes()).toEqual(["b/disk", "loop0p1"]);
  scene.kernel.change(LOOP0);
  scene.kernel.unplug(PART);
  scene.kernel.unplug(LOOP0);
  const socket = ["change b/disk", "remove loop0p1", "remove b/disk"];
  expect(await heard()).toEqual({ socket, kernel: socket, udev: socket.map((each) => each.replace(" ", " /dev/")) });
  expect(nodes()).toEqual([]);
});

test("another container hears the kernel's name", async () => {
  const { scene } = await begin(`${LOOP0},as=disk`);
  await using _ = scene;
  await scene.attach({ name: "other", allow: [LOOP0] });
  const listener = scene.listen("a.sock", { box: "other" });
  await scene.rest();
  expect(listener.readAll().map(nodeOf)).toEqual(["add loop0", "add loop0p1"]);
});

test("of two that are to have a name the first has it, the other its own, and it is said", async () => {
  const { scene, box, heard, nodes, warnings } = await begin("devtype=disk,sysname=loop?,as=disk");
  await using _ = scene;
  expect((await heard()).kernel).toEqual(["add disk", "add loop0p1", "add loop1"]);
  expect(nodes().sort()).toEqual(["disk", "loop0p1", "loop1"]);
  expect(warnings).toEqual([`POLICY_CONFLICT box: ${LOOP1} is not /dev/disk, since ${LOOP0} is`]);
  scene.kernel.unplug(LOOP1);
  expect((await heard()).kernel).toEqual(["remove loop1"]);
  await box.deny(LOOP0);
  scene.kernel.plug(LOOP1, disk(1));
  expect((await heard()).kernel).toEqual(["remove loop0p1", "remove disk", "add disk"]);
});

test("a granted name is a name too, and one that is too long is none", async () => {
  const { scene, box, heard, warnings } = await begin();
  await using _ = scene;
  await box.grant(LOOP1, { as: "disk" });
  await box.grant(PART, { as: "x".repeat(300) });
  expect((await heard()).kernel.toSorted()).toEqual(["add disk", "add loop0p1"]); // the listener may be found after both
  expect(warnings).toEqual([`POLICY_CONFLICT box: a node cannot be named ${"x".repeat(100)}`]);
});

test.each(["null", "console", "fd", "shm/x", "pts/9", "stdin", "core", "log/x"])(
  "as=%s is refused wherever it is said: each /dev has that already",
  async (as) => {
    await using scene = await openScene();
    const refused = {
      code: "POLICY_CONFLICT",
      message: expect.stringContaining(`as=${as}`) as string,
      remedy: expect.stringContaining("another name") as string,
    };
    await expect(scene.attach({ allow: [`${LOOP0},as=${as}`] })).rejects.toMatchObject(refused);
    await expect(scene.attach({ allow: [`preset=serial,as=${as}`] })).rejects.toMatchObject(refused);
    const box = await scene.attach({ allow: [LOOP1] });
    await expect(box.allow(`${LOOP0},as=${as}`)).rejects.toMatchObject(refused);
    await expect(box.setPolicy({ allow: [{ path: LOOP0, as }] })).rejects.toMatchObject(refused);
    await expect(box.grant(LOOP0, { as })).rejects.toMatchObject(refused);
    expect((await box.devices()).map(({ devpath }) => devpath)).toEqual([LOOP1]);
  },
);

test("what the kernel calls so keeps its name, and names that only begin alike are taken", async () => {
  await using scene = await openScene();
  const properties = { MAJOR: "1", MINOR: "3", DEVNAME: "null", DEVMODE: "0666" };
  scene.kernel.plug("/devices/virtual/mem/null", { subsystem: "mem", properties });
  await scene.attach({ dev: "auto", allow: ["preset=base", `${LOOP0},as=null0`, `${LOOP1},as=input/null`] });
  const listener = scene.listen();
  await scene.rest();
  expect(listener.readAll().map(nodeOf)).toEqual(["add null0", "add input/null", "add null"]);
});

test("what somebody may not know to have gone is taken back by its name there", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const scene = await openScene();
  const container = scene.kernel.container();
  await scene.attach({ pid: container.pid, allow: [`${LOOP0},as=disk`], deliver: { netlink: "kernel" } });
  const reader = container.reader({ receiveBuffer: 5000 });
  await vi.advanceTimersByTimeAsync(300);
  const heard = (): string[] => reader.readAll().map(nodeOf);
  expect(heard()).toEqual(["add disk"]);
  for (let i = 0; i < 10; i++) scene.kernel.change(LOOP0);
  scene.kernel.unplug(LOOP0);
  await scene.kernel.idle();
  expect(heard()).not.toContain("remove disk");
  await vi.advanceTimersByTimeAsync(300);
  expect(heard()).toContain("remove disk");
  await scene.relay.close();
});
