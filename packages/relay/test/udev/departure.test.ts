import { decode, encodeUdev, isMalformed } from "@uevent-bridge/uevent";
import { expect, test } from "vitest";

import { LOOP0, LOOP1, disk, headers, openScene } from "../scene.js";

const LOOP2 = "/devices/virtual/block/loop2";

/** A container with a `/dev` and a `/run/udev` of ours, on a host where udevd runs and answers when it is told to. */
async function openDeparture() {
  const scene = await openScene({ udev: true });
  const { kernel } = scene;
  const own = kernel.container();
  const host = kernel.container({ netns: "host" }).reader();
  const box = await scene.attach({
    pid: own.pid,
    allow: ["subsystem=block"],
    dev: "auto",
    deliver: { socket: true, netlink: "udev" },
  });
  const listener = scene.listen();
  await scene.rest();
  listener.readAll();
  host.readAll();
  const entries = () => [...(kernel.udevDirectory("/run/bridge/.udev/box")?.keys() ?? [])];
  const links = () =>
    [...(kernel.deviceDirectory("/run/bridge/.dev/box") ?? [])].flatMap(([name]) =>
      name.startsWith("disk/") ? [name] : [],
    );
  const said: string[] = [];
  box.on("forwarded", ({ action, devpath }) => {
    if (devpath === LOOP2) said.push([action, ...entries().filter((id) => id === "b7:2"), ...links()].join(" "));
  });
  /** udevd passes on the oldest event that it has heard of the kernel. */
  const answer = async (): Promise<void> => {
    const event = decode(host.read() ?? new Uint8Array());
    if (isMalformed(event)) throw new Error("udevd has heard nothing");
    const bytes = encodeUdev([
      ["ACTION", event.action],
      ["DEVPATH", event.devpath],
      ["SUBSYSTEM", "block"],
      ["SEQNUM", `${event.seqnum}`],
    ]);
    kernel.emit(bytes, { to: "udev", portId: 99, groups: 2, pid: 99 });
    await kernel.idle();
  };
  const turns = async (): Promise<void> => {
    for (let n = 0; n < 5; n++) await new Promise((resolve) => setTimeout(resolve, 1));
    await kernel.idle();
  };
  return { scene, kernel, box, listener, entries, links, said, answer, turns };
}

test("a device that went has neither entry nor links when the first hears of it, whatever udevd has still to say", async () => {
  const { scene, kernel, listener, entries, links, said, answer, turns } = await openDeparture();
  await using _scene = scene;
  kernel.plug(LOOP2, disk(2));
  kernel.udev(LOOP2, { links: ["/dev/disk/two"] });
  await kernel.idle();
  await answer();
  await turns();
  expect([entries().includes("b7:2"), links()]).toEqual([true, ["disk/two"]]);
  kernel.unplug(LOOP2);
  await kernel.idle();
  expect(headers(listener.readAll())).toEqual([`add@${LOOP2}`, `remove@${LOOP2}`]);
  expect(said).toEqual(["add", "remove"]);
  expect([entries().includes("b7:2"), links()]).toEqual([false, []]);
});

test("what udevd says of a device that went meanwhile is written nowhere", async () => {
  const { scene, kernel, listener, entries, links, answer, turns } = await openDeparture();
  await using _scene = scene;
  kernel.plug(LOOP2, disk(2));
  kernel.udev(LOOP2, { links: ["/dev/disk/two"] });
  kernel.unplug(LOOP2);
  await kernel.idle();
  expect(headers(listener.readAll())).toEqual([`add@${LOOP2}`, `remove@${LOOP2}`]);
  await answer();
  await turns();
  expect([entries(), links()]).toEqual([["b7:0", "b7:1"], []]);
});

test("what is denied goes while something else is waited for, and what comes back is there again", async () => {
  const { scene, kernel, box, entries, answer, turns } = await openDeparture();
  await using _scene = scene;
  kernel.plug(LOOP2, disk(2));
  await kernel.idle();
  await box.deny(LOOP1);
  expect(entries()).toEqual(["b7:0"]);
  await box.deny(LOOP2);
  await answer();
  await turns();
  expect(entries()).toEqual(["b7:0"]);
  await box.forget(LOOP2);
  await box.forget(LOOP1);
  await turns();
  expect(entries().toSorted()).toEqual(["b7:0", "b7:1", "b7:2"]);
  await box.deny(LOOP0);
  expect(entries().toSorted()).toEqual(["b7:1", "b7:2"]);
});

test("of two devices with a link the one with the higher priority has it, and the container's programs read both", async () => {
  await using scene = await openScene({ udev: true });
  scene.kernel.udev(LOOP0, { links: ["/dev/disk/x"] });
  scene.kernel.udev(LOOP1, { links: ["/dev/disk/x"], priority: 10 });
  const { pid } = scene.kernel.container();
  await scene.attach({ pid, allow: ["subsystem=block"], dev: "auto", deliver: { netlink: "udev" } });
  await scene.rest();
  const link = () => scene.kernel.deviceDirectory("/run/bridge/.dev/box")?.get("disk/x");
  expect(link()).toEqual({ kind: "link", target: "../loop1" });
  expect(scene.kernel.udevDirectory("/run/bridge/.udev/box")?.get("b7:1")).toMatchObject({ priority: 10 });
});
