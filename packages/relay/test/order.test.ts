import type { DeviceNumber } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { openRelay } from "@uevent-bridge/relay";
import { expect, test, vi } from "vitest";

const DEVICE = "/devices/virtual/misc/thing";
const THING = { subsystem: "misc", properties: { MAJOR: "10", MINOR: "77", DEVNAME: "thing" } };

/** What is done to a container's rights, its node and its /run/udev for the device, in order. */
function follow(kernel: FakeKernel): string[] {
  const done: string[] = [];
  kernel.cgroup("/box");
  const rights = kernel.openDeviceRights("/box");
  const dev = kernel.openDeviceDirectory("/run/bridge/.dev/box", { uid: 0, gid: 0 });
  const udev = kernel.openUdevDirectory("/run/bridge/.udev/box");
  onCall(rights, ["grant", "revoke"], ({ minor }: DeviceNumber) => minor === 77 && done.push("right"));
  onCall(dev, ["put", "remove"], (name: string) => name === "thing" && done.push("node"));
  onCall(udev, ["put", "remove"], (id: string) => id === "c10:77" && done.push("/run/udev"));
  vi.spyOn(kernel, "openDeviceRights").mockReturnValue(rights);
  vi.spyOn(kernel, "openDeviceDirectory").mockReturnValue(dev);
  vi.spyOn(kernel, "openUdevDirectory").mockReturnValue(udev);
  return done;
}

/** Has each of these methods tell of what it is called with, and do what it did. */
function onCall<K extends string, A>(
  part: Record<K, (what: A, ...more: never[]) => void>,
  methods: readonly K[],
  tell: (what: A) => unknown,
): void {
  for (const method of methods) {
    const work = part[method].bind(part) as (what: A, ...more: unknown[]) => void;
    const told = (what: A, ...more: unknown[]): void => (tell(what), work(what, ...more));
    Object.assign(part, { [method]: told });
  }
}

test("a device comes and goes as right, node, /run/udev and event, in that order", async () => {
  const kernel = new FakeKernel();
  const done = follow(kernel);
  await using relay = await openRelay({ kernel, runtimeDir: "/run/bridge" });
  const { pid } = kernel.container();
  const box = await relay.attach({
    name: "box",
    pid,
    allow: ["subsystem=misc"],
    deliver: { socket: true, netlink: "udev" },
    dev: "/run/bridge/.dev/box",
    cgroup: "/box",
  });
  box.on("forwarded", ({ action }) => done.push(action));
  kernel.plug(DEVICE, THING);
  await kernel.idle();
  expect(done.splice(0)).toEqual(["right", "node", "/run/udev", "add"]);
  kernel.unplug(DEVICE);
  await kernel.idle();
  expect(done).toEqual(["right", "node", "/run/udev", "remove"]);
});
