import { KernelError } from "@uevent-bridge/kernel";
import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { expect, test, vi } from "vitest";

import { RunUdev } from "../../src/run-udev.js";

import { LOOP0, openScene } from "../scene.js";
import { heads, messages } from "./messages.js";

const VETH = "/devices/virtual/net/veth0";

test("its /run/udev is in step: an entry before its event, gone with its device, and all with the container", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const path = "/run/bridge/.udev/box";
  const box = await scene.attach({ pid: own.pid, allow: ["subsystem=block|net"], deliver: { netlink: "udev" } });
  expect(box.mounts).toEqual([
    { source: path, destination: "/run/udev", type: "bind", options: ["bind", "ro", "nosuid", "nodev", "noexec"] },
  ]);
  const ids = () => [...(scene.kernel.udevDirectory(path)?.keys() ?? [])];
  await scene.rest();
  expect(ids()).toEqual(["b7:0", "b7:1"]);
  expect(scene.kernel.udevDirectory(path)?.get("b7:0")).toMatchObject({ tags: ["systemd"] });
  scene.kernel.unplug(LOOP0);
  scene.kernel.plug(VETH, { subsystem: "net", netns: own, properties: { IFINDEX: "5" } });
  scene.kernel.move(VETH, "/devices/virtual/net/lan0", { netns: own });
  await scene.rest();
  expect(ids()).toEqual(["b7:1", "n5"]);
  await box.deny("subsystem=block");
  await scene.rest();
  expect(ids()).toEqual(["n5"]);
  await box.detach();
  expect(scene.kernel.udevDirectory(path)).toBeUndefined();
});

test("in a container that runs it is found as long as it is attached", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const box = await scene.attach({ pid: own.pid, allow: [LOOP0], deliver: { netlink: "udev" } });
  expect(own.udev).toBe("/run/bridge/.udev/box");
  await box.detach();
  expect(own.udev).toBeUndefined();
});

test("where it cannot be put there, whoever attached is warned, and those who listen are told", async () => {
  await using scene = await openScene();
  const own = scene.kernel.container();
  const udev = own.reader({ group: "udev" });
  scene.kernel.fail("placeUdev", new KernelError("PATH_UNUSABLE", "its /run is a symlink", "none"));
  const allow = [LOOP0, "attr:size=8"]; // which is read before anybody can listen
  const box = await scene.attach({ pid: own.pid, allow, deliver: { netlink: "udev" } });
  const warning = await new Promise<Error>((resolve) => void box.once("warning", resolve));
  expect(warning).toMatchObject({ code: "PATH_UNUSABLE", message: "its /run is a symlink" });
  await scene.rest();
  expect(heads(messages(udev.readAll()))).toEqual([`add@${LOOP0}`]);
});

test("two relays never write one /run/udev", async () => {
  await using scene = await openScene();
  scene.kernel.openUdevDirectory("/run/bridge/.udev/box");
  const attached = scene.attach({ allow: [LOOP0], deliver: { socket: true, netlink: "udev" } });
  await expect(attached).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
  await scene.attach({ allow: [LOOP0] }); // nothing is left of the attempt
});

test.each(["placed", "never placed"])(
  "one that cannot be closed, %s, is warned of when its container ends",
  async (how) => {
    await using scene = await openScene();
    const own = scene.kernel.container();
    const open = scene.kernel.openUdevDirectory.bind(scene.kernel);
    vi.spyOn(scene.kernel, "openUdevDirectory").mockImplementationOnce((path) => {
      const directory = open(path);
      const close = directory.close.bind(directory);
      directory.close = () => {
        close();
        throw Object.assign(new Error("permission denied"), { code: "EACCES" });
      };
      return directory;
    });
    if (how !== "placed")
      scene.kernel.fail("placeUdev", new KernelError("PATH_UNUSABLE", "its /run is a symlink", "none"));
    const box = await scene.attach({ pid: own.pid, allow: [LOOP0], deliver: { netlink: "udev" } });
    const warned = new Promise<Error>((resolve) => {
      box.on("warning", (warning) => warning.message.includes("permission denied") && resolve(warning));
    });
    const detached = new Promise((resolve) => void box.once("detached", resolve));
    own.end();
    expect(await detached).toBe("ended");
    expect(await warned).toMatchObject({ code: "PATH_UNUSABLE" });
    await scene.attach({ allow: [LOOP0], deliver: { netlink: "udev" } });
  },
);

/** Of a container; `left` is what is still to be done in it. */
function begin() {
  const kernel = new FakeKernel();
  const left: Promise<void>[] = [];
  const udev = new RunUdev(kernel.openUdevDirectory("/run/udev-of-box"), {
    onTrouble: () => {},
    onLeaving: (work) => void left.push(work),
  });
  return { kernel, own: kernel.container(), left, udev };
}

test.each(["before", "while"])("one that is closed %s it is put into a container is not left there", async (when) => {
  const { kernel, own, left, udev } = begin();
  const place = (): Promise<void> => udev.place(kernel.openTarget({ pid: own.pid }));
  if (when === "before") udev.close();
  const placed = place();
  udev.close();
  await placed;
  await Promise.all(left);
  expect(own.udev).toBeUndefined();
});

test("what was placed is taken back once: what another one places there then stays", async () => {
  const { kernel, own, left, udev } = begin();
  const target = kernel.openTarget({ pid: own.pid });
  await udev.place(target);
  udev.close();
  await Promise.all(left);
  const other = kernel.openUdevDirectory("/run/udev-of-other");
  await target.placeUdev(other);
  udev.takeAway();
  await Promise.all(left);
  expect(own.udev).toBe(other.path);
});
