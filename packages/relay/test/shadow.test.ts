import { KernelError } from "@uevent-bridge/kernel";
import type { FakeReader } from "@uevent-bridge/kernel/testing";
import type { BridgeError } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import type { Scene } from "./scene.js";
import { LOOP0, LOOP1, headers, openScene } from "./scene.js";
import { heads, messages } from "./udev/messages.js";

const PATH = "/run/holders/box";
const VETH = "/devices/virtual/net/veth0";
const ASKED = { netlink: "auto", shadow: { listenerPath: PATH } } as const;

/** A program whose uevent socket came from the holder. */
function listen({ kernel }: Scene, path = PATH, group: "kernel" | "udev" = "kernel"): FakeReader {
  const holder = kernel.shadow(path);
  if (!holder) throw new Error(`no holder at ${path}`);
  return holder.reader({ group });
}

test("programs of a container that has not started yet hear its devices in the shadow, and none of another's", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0], deliver: ASKED });
  const reader = listen(scene);
  await scene.rest();
  for (const devpath of [LOOP1, LOOP0]) scene.kernel.change(devpath);
  await scene.rest();
  expect(headers(reader.readAll())).toEqual([`change@${LOOP0}`]);
  expect(box.delivery.slice(1)).toMatchObject([
    { channel: "netlink", choice: "kernel" },
    { channel: "shadow", choice: PATH },
  ]);
});

test("programs of libudev hear in it what was asked for", async () => {
  await using scene = await openScene();
  await scene.attach({ allow: [LOOP0], deliver: { ...ASKED, netlink: "both" } });
  await scene.rest();
  const [kernel, udev] = [listen(scene), listen(scene, PATH, "udev")];
  scene.kernel.change(LOOP0);
  await scene.rest();
  expect(headers(kernel.readAll())).toContain(`change@${LOOP0}`);
  await expect.poll(() => heads(messages(udev.readAll()))).toEqual([`add@${LOOP0}`]); // once it is noticed that it listens
});

test("the sender is whom the container's root is, also when that is known only as it joins", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0], deliver: ASKED });
  const reader = listen(scene);
  const uidAfter = async (): Promise<number | undefined> => {
    scene.kernel.change(LOOP0);
    await scene.rest();
    reader.readAll();
    return reader.uid;
  };
  expect(await uidAfter()).toBe(0);
  await box.join({ pid: scene.kernel.container({ uidBase: 5000, netns: "initial" }).pid });
  expect(await uidAfter()).toBe(process.getuid?.() === 0 ? 5000 : 0); // only root can pass for somebody else
});

test("a container that joins and whose root was known hears nothing twice", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0], deliver: ASKED });
  const reader = listen(scene);
  scene.kernel.change(LOOP0);
  await scene.rest();
  await box.join({ pid: scene.kernel.container({ userns: "initial", netns: "host" }).pid });
  await scene.rest();
  expect(headers(reader.readAll())).toEqual([`change@${LOOP0}`]);
});

test.for(["initial", "host"] as const)(
  "net devices of a container's own netns are told in the shadow, where its kernel is not heard: %s",
  async (netns) => {
    await using scene = await openScene();
    const box = scene.kernel.container({ userns: "initial", netns });
    const other = scene.kernel.container({ userns: "initial", netns: "initial" });
    await scene.attach({ pid: box.pid, allow: ["subsystem=net"], deliver: ASKED });
    const reader = listen(scene);
    scene.kernel.plug(VETH, { subsystem: "net", netns: box });
    scene.kernel.plug(`${VETH}1`, { subsystem: "net", netns: other });
    await scene.rest();
    expect(headers(reader.readAll())).toEqual([`add@${VETH}`]);
  },
);

test("auto needs no shadow where the netns has a user namespace of its own, and makes one elsewhere", async () => {
  await using scene = await openScene();
  const deliver = { netlink: "auto", shadow: "auto" } as const;
  const own = await scene.attach({ name: "own", pid: scene.kernel.container().pid, deliver });
  const host = await scene.attach({ name: "host", pid: 1, deliver });
  const later = await scene.attach({ name: "later", deliver });
  const shadows = [own, host, later].map(
    ({ delivery }) => delivery.find(({ channel }) => channel === "shadow")?.choice,
  );
  expect(shadows).toEqual(["off", "/run/bridge/.shadow/host", "/run/bridge/.shadow/later"]);
});

test("the holder outlives the relay, and the next one is heard by who listens already", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0], deliver: ASKED });
  const reader = listen(scene);
  await box.detach();
  scene.kernel.change(LOOP0);
  await scene.rest();
  await scene.attach({ allow: [LOOP0], deliver: ASKED });
  await scene.rest();
  expect(headers(reader.readAll())).toEqual([`add@${LOOP0}`]);
});

test("a holder that ends is a warning, and what listens goes on hearing", async () => {
  await using scene = await openScene();
  const box = await scene.attach({ allow: [LOOP0], deliver: ASKED });
  const warnings: BridgeError[] = [];
  box.on("warning", (warning) => warnings.push(warning));
  const reader = listen(scene);
  scene.kernel.shadow(PATH)?.end();
  scene.kernel.change(LOOP0);
  await scene.rest();
  expect(warnings.map(({ code }) => code)).toEqual(["TARGET_GONE"]);
  expect(headers(reader.readAll())).toEqual([`change@${LOOP0}`]);
});

test("a path that cannot be had fails the attach, and leaves the name free", async () => {
  await using scene = await openScene();
  scene.kernel.fail("openShadow", new KernelError("PATH_UNUSABLE", "it is no socket", "remove it"));
  await expect(scene.attach({ deliver: ASKED })).rejects.toMatchObject({ code: "PATH_UNUSABLE" });
  await expect(scene.attach({ deliver: ASKED })).resolves.toBeDefined();
});
