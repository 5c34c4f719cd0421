import { execFileSync } from "node:child_process";

import { openLinux } from "@uevent-bridge/linux";
import { describe, expect, test } from "vitest";

import { Cli, newName, run } from "../cli.js";
import { needs } from "../needs.js";
import { startConsumer } from "./consumers/consumer.js";
import { mdev } from "./consumers/mdev.js";
import { udevadm } from "./consumers/udevd.js";
import { Filtered } from "./inside/filtered.js";
import type { Runtime } from "./inside/filtered.js";
import { ip } from "./ip.js";
import { until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

const needed = needs("root", "loop devices", "debian package udev");

/** `ACTION@DEVPATH` of each event in what `udevadm monitor` printed. */
function shown(text: string): string[] {
  return [...text.matchAll(/^(?:KERNEL|UDEV) *\[[\d.]+\] (\S+) +(\S+) /gm)].map(
    ([, action, devpath]) => `${action}@${devpath}`,
  );
}

describe("uevent-bridge run", () => {
  test(
    "starts a program in the host's own namespaces that hears its device and none of another's",
    needed,
    async () => {
      using loops = withLoops(2);
      const [mine = "", hidden = ""] = loops.devices;
      await using cli = new Cli(["run", newName(), "--allow", mine, "--", "udevadm", "monitor", "--kernel"]);
      await cli.until("stdout", "KERNEL - ");
      await until(() => {
        for (const devpath of [hidden, mine]) change(devpath);
        return shown(cli.stdout).length > 2;
      }, "it hears");
      expect([...new Set(shown(cli.stdout))].filter((event) => event !== `add@${mine}`)).toEqual([`change@${mine}`]);
      cli.process.kill("SIGUSR2"); // it has no handler of its own for it
      expect(await cli.exit()).toBe(140);
    },
  );

  test("without it, the same program hears both", needed, async () => {
    using loops = withLoops(2);
    await using stack = new Stack();
    const monitor = stack.use(new Cli([], { wrapper: ["udevadm", "monitor", "--kernel"] }));
    await monitor.until("stdout", "KERNEL - ");
    await until(() => {
      loops.devices.forEach(change);
      return loops.devices.every((devpath) => shown(monitor.stdout).includes(`change@${devpath}`));
    }, "it hears both");
  });

  test.each([
    ["its program's", ["sh", "-c", "exit 7"], 7],
    ["128 and the signal", ["sh", "-c", "kill -KILL $$"], 137],
    ["128 and the signal, also one without a name", ["sh", "-c", "kill -40 $$"], 168],
    ["126 for what may not be executed", ["/etc/passwd"], 126],
    ["127 for what is not there", ["nowhere-to-be-found"], 127],
  ] as const)("has the status of a shell: %s", needs("root"), async (_name, program, status) => {
    expect((await run("run", newName(), "--allow", "subsystem=mem", "--", ...program)).status).toBe(status);
  });
});

describe.each(["runc", "crun"] satisfies Runtime[])("%s with what print seccomp says", (runtime) => {
  const tools = needs(
    "root",
    "loop devices",
    "debian package udev",
    `debian package ${runtime}`,
    "debian package busybox-static",
  );

  test(
    "its programs hear their devices alone, a static one too, and across a relay that is killed",
    tools,
    async () => {
      await using stack = new Stack();
      const { name, loops, container } = await openStage(stack, runtime);
      const [mine = "", hidden = ""] = loops.devices;
      let relay = attach(stack, name, mine, container.pid);
      await relay.until("stderr", "shadow /");
      const programs = [await startConsumer(udevadm, container), await startConsumer(mdev, container)];
      await until(() => programs.every((program) => program.heard().length > 0), "they have their coldplug");
      relay.process.kill("SIGKILL");
      await relay.exit();
      const late = await startConsumer(udevadm, container);
      relay = attach(stack, name, mine, container.pid);
      await relay.until("stderr", "shadow /");
      for (const devpath of [hidden, mine]) change(devpath);
      const all = [...programs, late];
      await until(() => all.every((program) => program.heard().includes(`change@${mine}`)), "they hear");
      for (const program of all) expect(new Set(program.heard())).toEqual(new Set([`add@${mine}`, `change@${mine}`]));
    },
  );

  test("a net device that is moved in is seen, and one that stays outside is not", tools, async () => {
    await using stack = new Stack();
    const { name, container } = await openStage(stack, runtime);
    const relay = attach(stack, name, "subsystem=net", container.pid);
    await relay.until("stderr", "shadow /");
    const monitor = await startConsumer(udevadm, container);
    await until(() => monitor.heard().includes("add@/devices/virtual/net/lo"), "it has its coldplug");
    const [inside, outside] = [`ubi${container.pid % 100_000}`, `ubo${container.pid % 100_000}`];
    stack.use({ [Symbol.dispose]: () => void execFileSync("ip", ["link", "delete", outside]) });
    execFileSync("ip", ["link", "add", inside, "type", "veth", "peer", "name", outside]);
    execFileSync("ip", ["link", "set", inside, "netns", `${container.pid}`]);
    ip(container.pid, "link", "set", inside, "name", "seen0");
    const heard = () => monitor.heard().filter((event) => !event.includes("/queues/") && !event.endsWith("/lo"));
    await until(() => heard().some((event) => event.startsWith("move@")), "it hears");
    expect(heard().filter((event) => event.includes(outside))).toEqual([]);
    expect(heard()).toEqual([`add@/devices/virtual/net/${inside}`, "move@/devices/virtual/net/seen0"]);
  });
});

function attach(stack: Stack, name: string, rule: string, pid: number): Cli {
  return stack.use(
    new Cli(["attach", name, "--shadow", "auto", "--socket", "off", "--allow", rule, "--pid", `${pid}`]),
  );
}

/** A container with the filter that is printed for it, and two devices. */
async function openStage(stack: Stack, runtime: Runtime) {
  const loops = stack.use(withLoops(2));
  const directory = stack.use(temporaryDirectory()).path;
  const name = newName();
  const { stdout } = await run("print", "seccomp", name);
  const { linux } = JSON.parse(stdout) as { linux: { seccomp: { listenerPath: string } } };
  const path = linux.seccomp.listenerPath;
  const before = stack.use(
    new Cli(["attach", name, "--shadow", "auto", "--socket", "off", "--allow", "subsystem=mem"]),
  );
  await before.until("stderr", "shadow /");
  const holder = await holderAt(path);
  const container = stack.use(
    await Filtered.start({ runtime, directory, seccomp: linux.seccomp, holder: () => holder }),
  );
  await before.interrupt(); // the container has started: its holder needs nobody
  return { name, loops, container };
}

/** Who holds the shadow at a path. */
async function holderAt(path: string): Promise<number> {
  const shadow = await openLinux().openShadow(path);
  shadow.close();
  return shadow.pid;
}
