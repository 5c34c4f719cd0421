import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";
import { describe, expect, test } from "vitest";

import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { UID_BASE, startContainer } from "./container.js";
import { headers, openReader, until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

describe("a relay in a container", needs("root", "loop devices", "unix-dgram"), () => {
  test("brings a container in it the events of the host that both may see, by netlink", async () => {
    using place = temporaryDirectory();
    using loops = withLoops(3);
    const [mine = "", hidden = "", boxes = ""] = loops.devices;
    await using box = await startContainer();
    await using relay = await openRelay({ kernel: openLinux(), runtimeDir: place.path });
    await relay.attach({ name: "box", pid: box.pid, allow: [mine, boxes], deliver: { socket: true } });
    bindIntoRun(box.pid, join(place.path, "box"));
    const within = ["nsenter", "--target", `${box.pid}`, "--user", "--net", "--mount"];

    await using inner = await startWithin(within);
    using reader = openReader(inner.pid);
    const args = ["attach", newName(), "--from", "/run/uevent", "--pid", `${inner.pid}`];
    const rules = ["--allow", mine, "--allow", hidden, "--netlink", "kernel", "--socket", "off"];
    await using nested = new Cli([...args, ...rules], { wrapper: within });
    await nested.until("stderr", "netlink kernel");
    await until(() => reader.heard.length > 0, "the coldplug is heard");
    for (const devpath of [hidden, boxes, mine]) change(devpath);
    await until(() => reader.heard.length > 1, "the event is heard");
    expect(headers(reader.heard)).toEqual([`add@${mine}`, `change@${mine}`]);
    expect(await nested.interrupt()).toBe(0);
  });
});

/** What an engine does: it has a `/run` of its own, with the directory at `/run/uevent`. */
function bindIntoRun(pid: number, directory: string): void {
  const run = `mount -t tmpfs -o uid=${UID_BASE},gid=${UID_BASE},mode=755 run /run`;
  const script = `${run} && mkdir /run/uevent && mount --bind ${directory} /run/uevent`;
  execFileSync("nsenter", ["--target", `${pid}`, "--mount", "sh", "-c", script]);
}

/** A container in a container: a process with user and network namespaces of its own, which another one's root made. */
async function startWithin(within: readonly string[]): Promise<AsyncDisposable & { readonly pid: number }> {
  const [file = "", ...args] = within;
  const unshare = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", "echo; exec sleep 1000"];
  const child = spawn(file, [...args, ...unshare], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
