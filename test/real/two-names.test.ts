import { readFileSync } from "node:fs";

import { expect, test, vi } from "vitest";

import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { withDev } from "./dev-stage.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { withLoops } from "./loops.js";
import { childrenOf } from "./processes.js";
import { Scene } from "./scene.js";
import { Stack } from "./stack.js";

vi.setConfig({ testTimeout: 60_000 });

const needed = needs("root", "loop devices");
const KINDS = [
  ["its /dev", ["--dev", "auto"], () => System.start(), "/dev"],
  ["its /dev, in which the other makes single nodes", ["--dev", "auto"], () => System.startPrivileged(), "/dev"],
  ["its /sys", ["--sysfs", "auto"], () => System.start(), "/sys"],
] as const;

const mountsOf = (pid: number): string => readFileSync(`/proc/${pid}/mountinfo`, "latin1");

/** Until it is attached, or has ended. */
async function attached(stack: Stack, pid: number, name: string, ...options: readonly string[]): Promise<Cli> {
  const cli = stack.use(new Cli(["attach", name, "--pid", `${pid}`, "--netlink", "off", ...options]));
  await until(() => cli.stderr.includes(" socket ") || cli.process.exitCode !== null, "it is attached", 30);
  return cli;
}

test.each(KINDS)(
  "a container under a second name is refused %s while the relay of the first is at work, and has its own again after it",
  needed,
  async (_, view, start, at) => {
    await using stack = new Stack();
    const [mine = ""] = stack.use(withLoops(1)).devices;
    const { pid } = stack.use(await withDev(start()));
    const before = mountsOf(pid);
    const names = [newName(), newName()] as const;
    const first = await attached(stack, pid, names[0], "--allow", mine, ...view);
    const during = mountsOf(pid);

    const second = await attached(stack, pid, names[1], "--allow", mine, ...view);
    expect(second.stderr).toContain(
      `uevent-bridge: ${at} cannot be put into the container of pid ${pid}: another relay (pid ${first.pid}) holds it, by `,
    );
    expect(second.stderr).toContain(`/${names[0]}`);
    expect(second.stderr).toContain(`kill ${first.pid}`);
    expect(await second.exit()).toBe(1);
    expect(mountsOf(pid)).toBe(during);

    first.process.kill("SIGKILL");
    await first.exit();
    const third = await attached(stack, pid, names[1], "--allow", mine, ...view); // who was killed is in nobody's way
    expect(await third.interrupt()).toBe(0);
    const again = await attached(stack, pid, names[0], "--allow", mine, ...view);
    expect(await again.interrupt()).toBe(0);
    expect(mountsOf(pid)).toBe(before);
  },
);

test("a container under two names in one relay has its /dev by the first alone", needed, async () => {
  await using scene = await Scene.start();
  await withDev(Promise.resolve(scene.system));
  const before = mountsOf(scene.system.pid);
  const box = await scene.attach({ dev: "auto", sysfs: "auto" });
  const during = mountsOf(scene.system.pid);
  for (const view of [{ dev: "auto" }, { sysfs: "auto" }] as const)
    await expect(scene.attach({ name: "again", ...view })).rejects.toMatchObject({
      code: "PATH_UNUSABLE",
      message: expect.stringMatching(/this relay has put \S+\/box there$/) as string,
      remedy: expect.stringContaining("detach the container of that name") as string,
    });
  expect(mountsOf(scene.system.pid)).toBe(during);
  await box.detach();
  const again = await scene.attach({ name: "again", dev: "auto", sysfs: "auto" });
  await again.detach();
  expect(mountsOf(scene.system.pid)).toBe(before);
});

test("a container under two names is told by both where neither puts anything into it", needed, async () => {
  await using scene = await Scene.start();
  const boxes = [await scene.attach(), await scene.attach({ name: "again" })];
  const seen = await Promise.all(boxes.map((box) => box.devices()));
  expect(seen.map((devices) => devices.map(({ devpath }) => devpath))).toEqual([[scene.mine], [scene.mine]]);
});

test("of two names one says what is in /run/udev, and the other that it is taken", needed, async () => {
  await using scene = await Scene.start();
  const deliver = { netlink: "udev" } as const;
  await scene.attach({ deliver });
  const again = await scene.attach({ name: "again", deliver });
  const warning = await new Promise<Error>((resolve) => void again.once("warning", resolve));
  expect(warning.message).toMatch(/this relay has put \S+\.udev\/box there/);
});

test("a container that has another's /dev bound into it is attached all the same", needed, async () => {
  await using scene = await Scene.start();
  const { system } = scene;
  await withDev(Promise.resolve(system));
  await scene.attach({ dev: "auto" });
  const nested = system.start("unshare", "--mount", "--net", "sh", "-c", "echo; exec sleep 1000");
  await until(() => nested.lines.length === 1, "it has its namespaces");
  const [pid = 0] = childrenOf(nested.process.pid ?? 0);
  const before = mountsOf(pid);
  const box = await scene.relay.attach({ name: "nested", pid, allow: [scene.mine], dev: "auto" });
  expect(mountsOf(pid)).not.toBe(before);
  await box.detach();
  expect(mountsOf(pid)).toBe(before);
  process.kill(pid, "SIGKILL");
  await nested.end();
});
