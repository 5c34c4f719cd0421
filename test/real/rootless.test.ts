import { chownSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { Cli, newName } from "../cli.js";
import { needs } from "../needs.js";
import { Program } from "./inside/program.js";
import { until } from "./listener.js";
import { change, withLoops } from "./loops.js";
import { Stack } from "./stack.js";
import { temporaryDirectory } from "./temporary.js";

/** Nobody else's. */
const UID = 64_321;
const ROOTLESS = ["unshare", "--user", "--map-root-user"];
/** What root of a container does whose `/run/udev` is its own user's. */
const MISCHIEF =
  'echo; until [ -e "$0/control" ]; do sleep 0.1; done; cd "$0"; mkdir -p x/y data/z; chmod 0 x data .; echo; exec sleep 1000';
const LISTENER = fileURLToPath(new URL("listener.py", import.meta.url));

/** The host's devices, and an ordinary user: whatever it starts has no privilege. */
interface Stage {
  readonly name: string;
  readonly mine: string;
  readonly hidden: string;
  readonly runtime: string;
  readonly asUser: readonly string[];
}

function openStage(stack: Stack): Stage {
  const [mine = "", hidden = ""] = stack.use(withLoops(2)).devices;
  const home = stack.use(temporaryDirectory()).path;
  chownSync(home, UID, UID);
  const asUser = ["setpriv", `--reuid=${UID}`, `--regid=${UID}`, "--clear-groups", "env", `XDG_RUNTIME_DIR=${home}`];
  return { name: newName(), mine, hidden, runtime: join(home, "uevent-bridge"), asUser };
}

/** Causes events of both until the one is heard; then those of the hidden one would have been too. */
async function expectToHear({ mine, hidden }: Stage, heard: () => readonly string[]): Promise<void> {
  await until(() => {
    for (const devpath of [hidden, mine]) change(devpath);
    return heard().filter((event) => event === `change@${mine}`).length > 2;
  }, "it hears");
  expect(new Set(heard().filter((event) => !event.startsWith("add@")))).toEqual(new Set([`change@${mine}`]));
}

function shown(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const [, action, devpath] = /^KERNEL\[[\d.]+\] (\S+) +(\S+) /.exec(line) ?? [];
    return action === undefined ? [] : [`${action}@${devpath}`];
  });
}

const needed = needs("root", "loop devices", "user namespaces", "debian package udev", "debian package python3");

describe("a rootless container, relayed to by its ordinary user, hears the host's events", needed, () => {
  test("by shadow, where it shares the host's network namespace", async () => {
    await using stack = new Stack();
    const stage = openStage(stack);
    const program = [...ROOTLESS, "udevadm", "monitor", "--kernel"];
    const cli = stack.use(
      new Cli(["run", stage.name, "--allow", stage.mine, "--", ...program], { wrapper: stage.asUser }),
    );
    await cli.until("stdout", "KERNEL - ");
    await expectToHear(stage, () => shown(cli.stdout.split("\n")));
  });

  test("by its own netlink", async () => {
    await using stack = new Stack();
    const stage = openStage(stack);
    const [file, ...args] = [...stage.asUser, ...ROOTLESS, "--net", "udevadm", "monitor", "--kernel"];
    const monitor = new Program(file, args);
    stack.use({ [Symbol.dispose]: () => void monitor.process.kill("SIGKILL") });
    await until(() => monitor.lines.length > 1, "it listens");
    const words = ["attach", stage.name, "--pid", `${monitor.process.pid}`, "--allow", stage.mine];
    const relay = stack.use(new Cli(words, { wrapper: stage.asUser }));
    await relay.until("stderr", "netlink kernel");
    await expectToHear(stage, () => shown(monitor.lines));
  });

  test("by socket", async () => {
    await using stack = new Stack();
    const stage = openStage(stack);
    const relay = stack.use(new Cli(["attach", stage.name, "--allow", stage.mine], { wrapper: stage.asUser }));
    await relay.until("stderr", "to /run/uevent");
    const socket = join(stage.runtime, stage.name, "a.sock");
    const [file, ...args] = [...stage.asUser, ...ROOTLESS, "python3", LISTENER, socket];
    const listener = new Program(file, args);
    stack.use({ [Symbol.dispose]: () => void listener.process.kill("SIGKILL") });
    await expectToHear(stage, () => listener.lines);
  });
});

test(
  "a rootless container that makes its /run/udev unremovable ends nobody's relay, and its name is free again",
  needed,
  async () => {
    await using stack = new Stack();
    const stage = openStage(stack);
    const attach = (program: Program): Cli =>
      stack.use(
        new Cli(["attach", stage.name, "--pid", `${program.process.pid}`, "--allow", stage.mine, "--netlink", "udev"], {
          wrapper: stage.asUser,
        }),
      );
    for (let round = 0; round < 2; round++) {
      const [file, ...args] = [...stage.asUser, ...ROOTLESS, "--net", "--mount", "sh", "-c", MISCHIEF];
      const program = new Program(file, [...args, join(stage.runtime, ".udev", stage.name)]);
      stack.use({ [Symbol.dispose]: () => void program.process.kill("SIGKILL") });
      await until(() => program.lines.length === 1, "it has its namespaces");
      const relay = attach(program);
      await until(() => program.lines.length === 2, "it has made it");
      await relay.until("stderr", "netlink udev");
      program.process.kill("SIGKILL");
      expect(await relay.exit()).toBe(0);
    }
    expect(readdirSync(join(stage.runtime, ".udev"))).toEqual([]);
  },
);
