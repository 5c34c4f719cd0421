import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { needs } from "../needs.js";
import { startContainer } from "./container.js";
import { headers, openReader, until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

const HEARS = "so its programs hear every event of the host already";
const BUT = ", but in a shadow (--shadow, uevent-bridge run) or with the shim";

describe("a container whose network namespace the initial user namespace owns", needs("root", "loop devices"), () => {
  test("hears every event of the host without us", async () => {
    using loops = withLoops(1);
    await using container = await startContainer([]);
    using reader = openReader(container.pid);
    for (const devpath of loops.devices) change(devpath);
    await until(() => headers(reader.heard).includes(`change@${loops.devices[0]}`), "it hears the host's event");
  });

  test("is refused if its netlink is insisted on, and nothing stays attached", async () => {
    using directory = temporaryDirectory();
    await using container = await startContainer([]);
    await using relay = await openRelay({ kernel: openLinux(), runtimeDir: directory.path });
    const attached = relay.attach({ name: "box", pid: container.pid, deliver: { netlink: "kernel" } });
    await expect(attached).rejects.toMatchObject({
      code: "TARGET_SHARES_HOST",
      message: `the network namespace of pid ${container.pid} is owned by the initial user namespace, ${HEARS}`,
      remedy: expect.stringContaining("a user namespace of its own") as string,
    });
    expect(await relay.list()).toEqual([]);
  });

  test.each([
    ["its own", [], `the initial user namespace owns the container's network namespace, ${HEARS}${BUT}`],
    ["the host's", undefined, `the container shares the host's network namespace, ${HEARS}${BUT}`],
  ])("is left alone where there is a choice, with the reason: %s", async (_, flags, reason) => {
    using directory = temporaryDirectory();
    await using container = flags && (await startContainer(flags));
    await using relay = await openRelay({ kernel: openLinux(), runtimeDir: directory.path });
    await using box = await relay.attach({ name: "box", pid: container?.pid ?? process.pid });
    expect(box.delivery.at(-1)).toEqual({ channel: "netlink", choice: "off", reason });
  });
});
