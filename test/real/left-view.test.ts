import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { expect, test, vi } from "vitest";

import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { withDev } from "./dev-stage.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { OwnCgroup } from "./view/own-cgroup.js";

vi.setConfig({ testTimeout: 120_000 });

const VIEW = ["--dev", "auto", "--sysfs", "auto", "--cgroup", "auto"];

test(
  "what a killed relay left of a view is undone by the next of that name, also if it is to have none",
  needs("root", "loop devices"),
  async () => {
    await using stack = new Stack();
    const loops = stack.use(withLoops(1));
    const [mine = ""] = loops.devices;
    const disk = mine.split("/").at(-1) ?? "";
    const cgroup = stack.use(new OwnCgroup());
    const system = stack.use(await withDev(System.start()));
    cgroup.take(system.pid);
    const name = newName();
    const opens = (node: string): boolean => {
      const [file = "", ...args] = cgroup.wrap(["sh", "-c", `exec 3</dev/${node}`]); // of the host's own
      return spawnSync(file, args).status === 0;
    };
    const mounts = (): readonly string[] =>
      [system.pid, "self"].map((pid) => readFileSync(`/proc/${pid}/mountinfo`, "latin1"));
    const now = (): unknown => [opens("loop-control"), opens(disk), system.exists(`/dev/${disk}`)];
    const before = { now: now(), mounts: mounts() };
    const start = async (view: readonly string[], line: string | RegExp): Promise<Cli> => {
      const cli = new Cli(["attach", name, "--pid", `${system.pid}`, "--allow", mine, ...view]);
      await cli.until("stderr", line);
      return cli;
    };

    const killed = await start(VIEW, /\/fs\/sys \(/);
    await until(() => !opens("loop-control"), "what is not allowed cannot be opened", 30);
    expect(now()).toEqual([false, true, true]);
    killed.process.kill("SIGKILL");
    await killed.exit();
    expect(now()).toEqual([false, true, true]);

    const next = await start([], "socket");
    await until(() => opens("loop-control"), "what was left is undone", 30);
    expect({ now: now(), mounts: mounts() }).toEqual(before);
    await next.interrupt();
    expect({ now: now(), mounts: mounts() }).toEqual(before);
  },
);
