import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { shimPath } from "@uevent-bridge/agent";
import { describe, expect, test } from "vitest";

import { needs } from "../needs.js";
import { unpackBusybox } from "./consumers/busybox.js";
import { byDevtype, byOtherTag, byTag, enumerate, udevadmUdev } from "./consumers/libudev.js";
import { mdevOf } from "./consumers/mdev.js";
import { pyudev } from "./consumers/pyudev.js";
import { udevadm } from "./consumers/udevd.js";
import { until } from "./listener.js";
import { change } from "./loops.js";
import { PROGRAMS, SCRIPT, listeners, openStage, start, startScript } from "./shim-stage.js";
import { temporaryDirectory } from "./temporary.js";

const HEAR = fileURLToPath(new URL("consumers/hear.c", import.meta.url));
const AF_NETLINK = 16;

const needed = needs("root", "loop devices", "debian package udev", "debian package python3-pyudev");
const compilers = needs("root", "loop devices", "debian package build-essential", "debian package musl-tools");
const dynamicMdev = mdevOf(`${PROGRAMS}/bin/busybox`, "busybox");
const KINDS = [udevadm, pyudev, udevadmUdev, byDevtype, byTag];

describe("with the library loaded before them, in a container that hears the host's netlink", () => {
  test.each(KINDS)("two of $name hear the events of their device and none of another's", needed, async (kind) => {
    await using stage = await openStage();
    const two = [await start(kind, stage), await start(kind, stage)];
    await until(() => two.every((each) => each.heard().length === 1), "they have their coldplug");
    for (let i = 0; i < 3; i++) for (const devpath of [stage.hidden, stage.mine]) change(devpath);
    await until(() => two.every((each) => each.heard().length >= 4), "the last event is heard");
    const history = [`add@${stage.mine}`, ...Array<string>(3).fill(`change@${stage.mine}`)];
    expect(two.map((each) => each.heard())).toEqual([history, history]);
  });

  test(
    "two of a dynamic busybox mdev -d run their command for the events of their device",
    needs("root", "loop devices", "Debian's archive"),
    async () => {
      await using stage = await openStage();
      unpackBusybox(stage.programs);
      await start(dynamicMdev, stage);
      const both = await start(dynamicMdev, stage);
      await until(() => both.heard().length === 2, "they have their coldplug");
      for (const devpath of [stage.hidden, stage.mine]) change(devpath);
      await until(() => both.heard().length === 4, "they hear the event");
      const twice = (event: string) => [event, event];
      expect(both.heard()).toEqual([...twice(`add@${stage.mine}`), ...twice(`change@${stage.mine}`)]);
    },
  );

  test.each(["cc", "musl-gcc"])("two programs that %s made hear it", compilers, async (compiler) => {
    await using stage = await openStage();
    execFileSync(compiler, ["-o", join(stage.programs, "hear"), HEAR]);
    const two = [1, 2].map(() => stage.shimmed.start(`${PROGRAMS}/hear`).lines);
    await until(() => two.every((lines) => lines.length === 1), "they have their coldplug");
    for (const devpath of [stage.hidden, stage.mine, stage.hidden, stage.mine]) change(devpath);
    await until(() => two.every((lines) => lines.length === 3), "they hear the events");
    const history = [`add@${stage.mine}`, `change@${stage.mine}`, `change@${stage.mine}`];
    expect(two).toEqual([history, history]);
  });

  test("a filter that does not fit passes over them", needed, async () => {
    await using stage = await openStage();
    const [other, all] = [await start(byOtherTag, stage), await start(udevadmUdev, stage)];
    await until(() => all.heard().length === 1, "the coldplug is heard");
    change(stage.mine);
    await until(() => all.heard().length === 2, "the event is heard");
    expect(other.heard()).toEqual([]);
  });

  test("what libudev enumerates is what it hears of", needed, async () => {
    await using stage = await openStage();
    await stage.box.settle();
    expect(enumerate(stage.shimmed)).toEqual([stage.mine]);
  });

  test.each([udevadm, pyudev])("without it $name hears the host", needed, async ({ launch }) => {
    await using stage = await openStage();
    const before = stage.system.readers();
    const consumer = launch(stage.system);
    await until(() => stage.system.readers() > before, "it listens");
    change(stage.hidden);
    await until(() => consumer.heard().includes(`change@${stage.hidden}`), "it hears what it should not");
  });

  test("they hear the next relay when one ends", needed, async () => {
    await using stage = await openStage();
    const consumers = [await start(udevadm, stage), await start(byTag, stage)];
    await until(() => consumers.every((each) => each.heard().length === 1), "they have their coldplug");
    await stage.restart();
    await until(() => consumers.every((each) => each.heard().length === 2), "they are told anew");
    for (const devpath of [stage.hidden, stage.mine]) change(devpath);
    await until(() => consumers.every((each) => each.heard().length === 3), "they hear the event");
    for (const heard of consumers.map((each) => each.heard())) {
      expect(heard).toEqual([`add@${stage.mine}`, `add@${stage.mine}`, `change@${stage.mine}`]);
    }
  });
});

describe("a program with the library", () => {
  test(
    "is told that the kernel said it, in a child too, which has the socket when its parent is gone",
    needed,
    async () => {
      await using stage = await openStage();
      const { lines } = await startScript("forked", stage);
      await until(() => lines.length === 1, "the child has its coldplug");
      change(stage.mine);
      await until(() => lines.length === 2, "the child hears the event");
      expect(lines).toEqual([`add@${stage.mine}`, `change@${stage.mine}`]);
    },
  );

  test("and children that open their own are each told all", needed, async () => {
    await using stage = await openStage();
    const { lines } = await startScript("children", stage, 2);
    await until(() => lines.length === 2, "they have their coldplug");
    change(stage.mine);
    await until(() => lines.length === 4, "they hear the event");
    const each = (who: string) => [`${who} add@${stage.mine}`, `${who} change@${stage.mine}`];
    expect([...lines].sort()).toEqual([...each("a"), ...each("b")]);
  });

  test(
    "may join its group later, and read by a copy of the descriptor; all of it the kernel said",
    needed,
    async () => {
      await using stage = await openStage();
      const { lines } = await startScript("later", stage);
      await until(() => lines.length === 2, "it has its coldplug");
      expect([...lines].sort()).toEqual([`add@${stage.mine}`, "change@/devices/said/by/itself"]);
    },
  );

  test("gets the answers of a netlink socket", needed, async () => {
    await using stage = await openStage();
    await stage.box.forget(stage.mine);
    expect(stage.shimmed.runPython(SCRIPT, "answers").trimEnd().split("\n")).toEqual([
      "True True",
      "BlockingIOError 11",
      "ConnectionRefusedError 111",
      "OSError 95",
    ]);
  });

  test("may have its socket closed past the library: what gets its number is let be", needed, async () => {
    await using stage = await openStage();
    expect(stage.shimmed.runPython(SCRIPT, "reuses")).toBe("True b'text' None\n");
  });

  test("leaves no file when it ends, and what one that was killed left is swept by the next", needed, async () => {
    await using stage = await openStage();
    const ended = stage.shimmed.startPython(SCRIPT, "quits");
    await ended.end();
    expect(ended.lines).toEqual([`add@${stage.mine}`]); // it had one
    expect(readdirSync(stage.sockets)).toEqual([]);
    await stage.shimmed.startPython(SCRIPT, "dies").end();
    const left = listeners(stage.sockets);
    expect(left).toHaveLength(1);
    await startScript("later", stage, 0);
    await until(() => !listeners(stage.sockets).includes(left[0] ?? ""), "it is swept");
  });

  test(
    "never sees an empty datagram",
    needs("root", "loop devices", "debian package udev", "Debian's archive"),
    async () => {
      await using stage = await openStage();
      unpackBusybox(stage.programs);
      const consumers = [await start(dynamicMdev, stage), await start(udevadm, stage), await start(udevadmUdev, stage)];
      await until(() => consumers.every((each) => each.heard().length === 1), "they have their coldplug");
      for (const name of listeners(stage.sockets)) sendNothing(join(stage.sockets, name));
      change(stage.mine);
      await until(() => consumers.every((each) => each.heard().length === 2), "they hear what comes behind it");
    },
  );

  test.each([
    ["a symlink", (sockets: string, elsewhere: string) => symlinkSync(elsewhere, sockets)],
    ["a file", (sockets: string) => writeFileSync(sockets, "")],
    ["a directory to which anybody may write", (sockets: string) => execFileSync("mkdir", ["-m", "0777", sockets])],
  ])(
    "has its own netlink where there is %s instead of the directory, and says so when asked",
    needed,
    async (_, make) => {
      using directory = temporaryDirectory();
      const [sockets, elsewhere] = [join(directory.path, "sockets"), join(directory.path, "elsewhere")];
      execFileSync("mkdir", ["-m", "0700", elsewhere]);
      make(sockets, elsewhere);
      const env = { ...process.env, LD_PRELOAD: shimPath(), UEVENT_DIR: sockets };
      const [quiet, loud] = [env, { ...env, UEVENT_SHIM_DEBUG: "1" }].map((each) => domainOf(each));
      expect(quiet).toEqual({ stdout: `${AF_NETLINK}\n`, stderr: "" });
      expect(loud).toEqual({
        stdout: `${AF_NETLINK}\n`,
        stderr: expect.stringMatching(/^uevent-shim: .+\n$/) as string,
      });
      expect(readdirSync(elsewhere)).toEqual([]);
    },
  );
});

function sendNothing(path: string): void {
  execFileSync("python3", ["-c", "import socket, sys; socket.socket(1, 2).sendto(b'', sys.argv[1])", path]);
}

/** What a program is told of its uevent socket. */
function domainOf(env: NodeJS.ProcessEnv) {
  const script = "import socket; print(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15).getsockopt(1, 39))"; // SO_DOMAIN
  const { stdout, stderr } = spawnSync("python3", ["-c", script], { env, encoding: "utf8" });
  return { stdout, stderr };
}
