import { readdirSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { startConsumer } from "./consumers/consumer.js";
import { udevadm } from "./consumers/udevd.js";
import { startContainer } from "./container.js";
import { System } from "./inside/system.js";
import { hasLink, ip } from "./ip.js";
import { headers, openListener, until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { sessionOf } from "./processes.js";
import { temporaryDirectory } from "./temporary.js";

describe("uevent-bridge attach --netlink kernel", needs("root", "loop devices", "debian package udev"), () => {
  test("shows a program in the container the events of its device and none of another's", async () => {
    using loops = withLoops(2);
    const [mine = "", hidden = ""] = loops.devices;
    await using system = await System.start();
    const consumer = await startConsumer(udevadm, system);
    await using attach = new Cli(["attach", newName(), ...byNetlink(system.pid, mine)]);
    await until(() => consumer.heard().length > 0, "the coldplug is heard");
    for (const devpath of [hidden, mine]) change(devpath);
    await until(() => consumer.heard().length > 1, "the event is heard");
    expect(consumer.heard()).toEqual([`add@${mine}`, `change@${mine}`]);
    expect(await attach.interrupt()).toBe(0);
  });

  test("ends with 0 when the container ends, and lets go of its network namespace", async () => {
    using loops = withLoops(1);
    const [mine = ""] = loops.devices;
    await using other = await startContainer();
    await using system = await System.start();
    const name = newName();
    await using attach = new Cli(["attach", name, ...byNetlink(system.pid, mine)]);
    await attach.until("stderr", "netlink kernel");
    ip(other.pid, "link", "add", "here0", "type", "veth", "peer", "name", "there0", "netns", `${system.pid}`);
    process.kill(system.pid, "SIGKILL");
    expect(await attach.exit()).toBe(0);
    expect(attach.stderr).toContain(`uevent-bridge: ${name} has ended\n`);
    await until(() => !hasLink(other.pid, "here0"), "the link is gone with the namespace of its peer");
  });

  test("that is killed leaves nothing that the next one trips over: who listened is told nothing twice", async () => {
    using temporary = temporaryDirectory();
    using loops = withLoops(1);
    const [mine = ""] = loops.devices;
    await using system = await System.start();
    const consumer = await startConsumer(udevadm, system);
    const socket = join(temporary.path, "box");
    const args = ["attach", newName(), ...byNetlink(system.pid, mine), "--socket", socket];
    await using killed = new Cli(args, { wrapper: ["setsid"] });
    await killed.until("stderr", "bind");
    await until(() => consumer.heard().length === 1, "the first one tells");
    killed.process.kill("SIGKILL");
    expect(await killed.exit()).toBe("SIGKILL");
    expect(sessionOf(killed.pid)).toEqual([]);
    expect(system.readers()).toBe(1);
    using listener = openListener(join(socket, "a.sock"));
    await using next = new Cli(args);
    await until(() => listener.heard.length === 1, "the next one tells who is new");
    expect(headers(listener.heard)).toEqual([`add@${mine}`]);
    change(mine);
    await until(() => consumer.heard().length === 2, "it tells what happens");
    expect(consumer.heard()).toEqual([`add@${mine}`, `change@${mine}`]);
    expect(await next.interrupt()).toBe(0);
    expect(readdirSync(socket)).toEqual(["a.sock"]);
  });
});

describe("uevent-bridge attach to a netns that the initial user namespace owns", needs("root"), () => {
  test("by netlink refuses with the reason and the remedy", async () => {
    await using container = await startContainer([]);
    await using attach = new Cli(["attach", newName(), ...byNetlink(container.pid, "subsystem=block")]);
    expect(await attach.exit()).toBe(1);
    expect(attach.stderr).toBe(
      `uevent-bridge: the network namespace of pid ${container.pid} is owned by the initial user namespace, ` +
        "so its programs hear every event of the host already\n" +
        "  Give the container a user namespace of its own or a shadow (--shadow auto, uevent-bridge run), or deliver by " +
        "socket (--socket DIR) and not by netlink: with the shim (uevent-bridge print shim-path) its programs take that " +
        "for netlink.\n",
    );
  });

  test("leaves its netlink alone if it may choose, and says why", async () => {
    await using container = await startContainer([]);
    await using attach = new Cli(["attach", newName(), "--pid", `${container.pid}`, "--allow", "subsystem=block"]);
    await attach.until("stderr", "netlink");
    expect(attach.stderr).toContain(
      "netlink off (the initial user namespace owns the container's network namespace, " +
        "so its programs hear every event of the host already, but in a shadow (--shadow, uevent-bridge run) or with the shim)\n",
    );
    expect(await attach.interrupt()).toBe(0);
  });
});

function byNetlink(pid: number, rule: string): string[] {
  return ["--pid", `${pid}`, "--allow", rule, "--netlink", "kernel"];
}
