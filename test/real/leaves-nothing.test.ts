import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { agentPath } from "@uevent-bridge/agent";
import { openLinux } from "@uevent-bridge/linux";
import type { Container, Relay } from "@uevent-bridge/relay";
import { openRelay as openCore } from "@uevent-bridge/relay";
import { openRelay } from "uevent-bridge";
import { describe, expect, test } from "vitest";

import { newName } from "../cli.js";
import { needs } from "../needs.js";
import { census } from "./census.js";
import { startContainer } from "./container.js";
import { System } from "./inside/system.js";
import { hasLink, ip } from "./ip.js";
import { openListener, until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

describe("nothing is left of a container", needs("root", "loop devices"), () => {
  test.each([
    ["that is detached", (_: Relay, box: Container) => box.detach()],
    ["whose relay is closed", (relay: Relay) => relay.close()],
    ["whose relay is aborted", async (_: Relay, __: Container, controller: AbortController) => controller.abort()],
  ])("%s: no process, descriptor, mount, socket or file", async (_, end) => {
    await using stack = new Stack();
    const directory = stack.use(temporaryDirectory()).path;
    const [mine = ""] = stack.use(withLoops(1)).devices;
    const { pid } = stack.use(await startContainer());
    const controller = new AbortController();
    const before = census([pid]);
    const relay = await openRelay({ signal: controller.signal });
    const idle = census([pid]);
    const deliver = { socket: join(directory, "box"), netlink: "kernel" } as const;
    const box = await relay.attach({ name: newName(), pid, allow: [mine], deliver });
    {
      const path = join(deliver.socket, "a.sock");
      using listener = openListener(path);
      await until(() => listener.heard.length > 0, "it works");
      change(mine);
      await box.settle();
      rmSync(path);
    }
    expect(census([pid])).not.toEqual(idle); // it can tell
    await end(relay, box, controller);
    await relay.close();
    await until(() => readdirSync(directory).length === 0, "its directory is gone");
    expect(census([pid])).toEqual(before);
  });

  test.each([
    ["that is detached", (_: Relay, box: Container) => box.detach()],
    ["whose relay is closed", (relay: Relay) => relay.close()],
  ])("%s: no program in it, no /run/udev, and no more than the holder of its shadow", async (_, end) => {
    await using stack = new Stack();
    const directory = stack.use(temporaryDirectory()).path;
    const [mine = ""] = stack.use(withLoops(1)).devices;
    const system = stack.use(await System.start());
    const inIt = () => [system.run("cat", "/proc/self/mountinfo"), system.run("sh", "-c", "echo /proc/[0-9]*")];
    const count = () => inIt().map((text) => text.trim().split(/[\n ]/).length);
    const [before, own] = [census([system.pid]), count()];
    const relay = stack.use(await openCore({ kernel: openLinux({ agent: agentPath }), runtimeDir: directory }));
    const deliver = {
      exec: "/bin/true",
      netlink: "udev",
      shadow: { listenerPath: join(directory, "shadow/box") },
    } as const;
    const box = await relay.attach({ name: "box", pid: system.pid, allow: [mine], deliver });
    change(mine);
    await box.settle();
    expect(count()).not.toEqual(own); // it can tell
    expect(box.delivery.map(({ choice }) => choice)).toEqual(expect.arrayContaining(["/bin/true", "udev"]));
    await end(relay, box);
    expect(count()).toEqual(own);
    await relay.close();
    const holders = census([]).children.filter((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("\0hold\0"),
    );
    expect(holders).toHaveLength(1);
    for (const pid of holders) process.kill(pid); // it outlives its relay, for the next one
    await expect.poll(() => census([system.pid])).toEqual(before);
    expect(readdirSync(join(directory, ".udev"))).toEqual([]);
  });

  test("that has ended: its network namespace is gone too", async () => {
    await using stack = new Stack();
    const runtimeDir = stack.use(temporaryDirectory()).path;
    const other = stack.use(await startContainer());
    const container = stack.use(await startContainer());
    const relay = stack.use(await openCore({ kernel: openLinux(), runtimeDir }));
    const before = census([]);
    const deliver = { socket: true, netlink: "kernel" } as const;
    const box = await relay.attach({ name: "box", pid: container.pid, allow: ["subsystem=net"], deliver });
    const detached = new Promise((resolve) => box.on("detached", resolve));
    ip(other.pid, "link", "add", "here0", "type", "veth", "peer", "name", "there0", "netns", `${container.pid}`);
    process.kill(container.pid, "SIGKILL");
    expect(await detached).toBe("ended");
    await until(() => !hasLink(other.pid, "here0"), "the link is gone with the namespace of its peer");
    expect(census([]).descriptors).toEqual(before.descriptors);
    expect(await relay.list()).toEqual([]);
  });
});
