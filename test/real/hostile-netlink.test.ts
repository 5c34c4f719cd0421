import { chmodSync } from "node:fs";

import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { needs } from "../needs.js";
import { System } from "./inside/system.js";
import { headers, isOfObject, openListener, until } from "./listener.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const SCRIPT = new URL("hostile/netlink.py", import.meta.url);
const net = (name: string): string => `/devices/virtual/net/${name}`;

describe("the root of a container", needs("root", "debian package python3"), () => {
  test("who forges netlink messages is taken for the kernel by none of them", async () => {
    await using stack = new Stack();
    const { path } = stack.use(temporaryDirectory());
    chmodSync(path, 0o711);
    const system = stack.use(await System.start());
    const relay = stack.use(await openRelay({ kernel: openLinux(), runtimeDir: path }));
    const gaps: string[] = [];
    relay.on("gap", ({ where }) => gaps.push(where));
    const box = await relay.attach({ name: "box", pid: system.pid, allow: ["subsystem=net"] });
    const listener = stack.use(openListener(`${box.mounts[0]?.source}/a.sock`));
    await until(() => listener.heard.length > 0, "it is told of lo");
    const said = system.runPython(SCRIPT);
    system.run("ip", "link", "add", "true0", "type", "veth", "peer", "name", "true1");
    const events = (): string[] => headers(listener.heard.filter((bytes) => !isOfObject(bytes)));
    await until(
      () => events().includes(`add@${net("true0")}`) && events().length > 2,
      "it is told of one that is there",
    );
    expect(said.trim()).toMatch(/^[1-9]\d* 0 24 [1-9]\d* 0 2$/); // by unicast and as process 0 none, by multicast and injection most
    expect(events().toSorted()).toEqual(["lo", "true0", "true1"].map((name) => `add@${net(name)}`));
    expect((await box.devices()).map(({ devpath }) => devpath)).not.toContain(net("lie"));
    expect(gaps).toEqual([]);
    expect(relay.counters.forged).toBeGreaterThan(10);
  });
});
