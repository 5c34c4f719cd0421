import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { startContainer } from "./container.js";
import { BASE, DevStage, namesIn, putBase, withDev, withMounted } from "./dev-stage.js";
import { Inside } from "./inside/inside.js";
import { Runc, withoutUserNamespace } from "./inside/runc.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { withLoops } from "./loops.js";
import { temporaryDirectory } from "./temporary.js";

vi.setConfig({ testTimeout: 60_000 }); // processes start slowly on a machine that is busy

const needed = needs("root", "loop devices");

const MOUNTS = [
  { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666", "mode=0620"] },
  { destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777"] },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
];

const runc = needs("root", "loop devices", "debian package runc");
const KINDS: readonly (readonly [string, ReturnType<typeof needs>, (directory: string) => Promise<Inside>])[] = [
  ["unshare, with a user namespace", needed, () => withDev(System.start())],
  ["unshare, without a user namespace", needed, () => withDev(System.startPrivileged())],
  ["runc, with a user namespace", runc, (directory) => Runc.start(directory, MOUNTS)],
  ["runc, without a user namespace", runc, (directory) => Runc.start(directory, MOUNTS, withoutUserNamespace)],
];

/** A terminal of the container's, on which a program says again what it is told. */
async function openTerminal(inside: Inside): Promise<(word: string) => Promise<void>> {
  const terminal = inside.start("script", "-qfc", "cat", "/dev/null");
  const say = async (word: string): Promise<void> => {
    terminal.process.stdin?.write(`${word}\n`);
    await until(() => terminal.lines.filter((line) => line.trim() === word).length > 1, word);
  };
  await say("begun");
  return say;
}

describe.each(KINDS)("in a container that runs already, of %s", (_, need, start) => {
  test("its /dev is ours until it is taken away, and then its own, as it was", need, async () => {
    await using stage = await DevStage.start(start);
    const { inside, target, directory } = stage;
    putBase(stage);
    inside.write("/dev/shm/file", "kept");
    const terminal = await openTerminal(inside);
    const before = { mounts: stage.mounts(), host: stage.host(), names: inside.run("ls", "-l", "/dev") };

    const takeAway = await target.placeDevices(directory);

    expect(stage.host()).toEqual(before.host);
    expect(namesIn(inside)).toEqual(withMounted(BASE, before.mounts));
    expect(inside.run("cat", "/dev/shm/file")).toBe("kept");
    inside.write("/dev/shm/file", "kept and changed");
    await terminal("still there");
    await (
      await openTerminal(inside)
    )("there too");
    expect(inside.run("script", "-qc", "tty", "/dev/null").trim()).toMatch(/^\/dev\/pts\/\d+$/);

    await takeAway?.();

    expect(stage.mounts()).toBe(before.mounts);
    expect(stage.host()).toEqual(before.host);
    expect(inside.run("ls", "-l", "/dev")).toBe(before.names);
    expect(inside.run("cat", "/dev/shm/file")).toBe("kept and changed");
    await terminal("and here again");
  });

  test("a node that comes later is its root's and can be read, and one that goes is gone", need, async () => {
    await using stage = await DevStage.start(start);
    using loops = withLoops(1);
    const { inside, target, directory } = stage;
    inside.write("/etc/passwd", "root:x:0:0::/:/bin/sh\n");
    inside.write("/etc/group", "root:x:0:\n");
    const before = stage.mounts();
    await target.placeDevices(directory);

    stage.put("deep/er/zero");
    expect(inside.run("head", "-c", "3", "/dev/deep/er/zero")).toBe("\0\0\0");
    expect(inside.run("ls", "-l", "/dev/deep/er/zero")).toMatch(/^crw------- 1 root root 1, 5 /);
    using disk = attachDisk(loops.devices[0] ?? "", "what is on the disk");
    stage.put("disk", disk);
    expect(inside.run("head", "-c", "19", "/dev/disk")).toBe("what is on the disk");
    inside.run("sh", "-c", "printf else | dd of=/dev/disk conv=notrunc,fsync status=none"); // the mount is read-only, the device is not
    expect(inside.run("head", "-c", "19", "/dev/disk")).toBe("else is on the disk");
    directory.remove("deep/er/zero");
    expect(namesIn(inside)).toEqual(withMounted(["disk"], before));
  });

  test(
    "it can neither make nor remove anything there, and has what is mounted and nothing else that we have not put there",
    need,
    async () => {
      await using stage = await DevStage.start(start);
      const { inside, target, directory } = stage;
      stage.put("mine");
      inside.write("/dev/theirs", "");
      const before = stage.mounts();
      await target.placeDevices(directory);
      for (const attempt of [
        "touch /dev/new",
        "mknod /dev/new c 1 5",
        "mkdir /dev/new",
        "ln -s null /dev/new",
        "rm /dev/mine",
        "mv /dev/mine /dev/new",
        "chmod 666 /dev/mine",
      ])
        expect([attempt, inside.run("sh", "-c", `${attempt} 2>&1 || true`)]).toEqual([
          attempt,
          expect.stringMatching(/Read-only|not permitted/),
        ]);
      expect(namesIn(inside)).toEqual(withMounted(["mine"], before));
      expect(inside.run("sh", "-c", "cat /dev/theirs 2>&1 || true")).toMatch(/No such file/);
    },
  );
});

/** Puts a file behind a loop device, until the end of the scope. */
function attachDisk(devpath: string, text: string): Disposable & { type: "block"; major: number; minor: number } {
  const temporary = temporaryDirectory();
  const [image, node] = [join(temporary.path, "image"), `/dev/${devpath.split("/").at(-1)}`];
  writeFileSync(image, text.padEnd(4096, "."));
  execFileSync("losetup", [node, image]);
  const [major = 0, minor = 0] = readFileSync(`/sys${devpath}/dev`, "latin1").split(":").map(Number);
  return {
    type: "block",
    major,
    minor,
    [Symbol.dispose]() {
      execFileSync("losetup", ["-d", node]);
      temporary[Symbol.dispose]();
    },
  };
}

test.each([
  ["with a user namespace", ["--user"]],
  ["without a user namespace", []],
])("one %s that has the host's /dev finds ours, and the host its own", needed, async (_, flags) => {
  await using container = await startContainer(flags);
  await using stage = await DevStage.start(
    async () => new Inside(container.pid, [...(flags.length > 0 ? ["-U"] : []), "-n", "-m"]),
  );
  const { inside, target, directory } = stage;
  putBase(stage);
  const before = { mounts: stage.mounts(), host: stage.host() };
  const takeAway = await target.placeDevices(directory);
  expect(stage.host()).toEqual(before.host);
  expect(inside.run("ls", "/dev").trim().split("\n")).toEqual(BASE);
  expect(inside.run("stat", "-fc", "%T", "/dev/pts")).toBe("devpts\n");
  await takeAway?.();
  expect(stage.mounts()).toBe(before.mounts);
  expect(stage.host()).toEqual(before.host);
});

test(
  "what its runtime mounted comes along where ours has a place for it or nothing at all, and hides nothing",
  needed,
  async () => {
    await using stage = await DevStage.start(() => System.start());
    const { inside, target, directory } = stage;
    inside.run("sh", "-c", "mkdir -p /dev/net /dev/input && touch /dev/net/tun /dev/console");
    inside.run("mount", "--bind", "/dev/full", "/dev/net/tun");
    inside.run("mount", "--bind", "/dev/null", "/dev/console");
    inside.run("mount", "-t", "tmpfs", "none", "/dev/input");
    inside.write("/dev/input/theirs", "");
    inside.run("sh", "-c", "mkdir -p /dev/mine/below && mount -t tmpfs none /dev/mine/below");
    for (const name of ["mine", "zero", "full", "input/ours", "console", "net/tun", "urandom/below"]) stage.put(name);
    directory.put("null", { kind: "directory" });
    const before = stage.mounts();
    const takeAway = await target.placeDevices(directory);
    const numberOf = (name: string): string => inside.run("stat", "-c", "%F %t:%T", `/dev/${name}`).trim();
    expect(numberOf("console")).toBe("character special file 1:3");
    for (const name of ["mine", "full", "net/tun"]) expect(numberOf(name)).toBe("character special file 1:5"); // ours, whatever is mounted at that name
    expect(numberOf("null")).toBe("directory 0:0"); // as ours is
    expect(inside.run("ls", "/dev/input", "/dev/urandom")).toBe("/dev/input:\nours\n\n/dev/urandom:\nbelow\n");
    expect(numberOf("random")).toBe("character special file 1:8"); // theirs, until a device of ours is called so
    stage.put("random");
    expect(numberOf("random")).toBe("character special file 1:5");
    await takeAway?.();
    expect(stage.mounts()).toBe(before);
  },
);

test("where its mounts are shared, what is mounted in them stays when ours is taken away", needed, async () => {
  await using stage = await DevStage.start(() => withDev(System.start()));
  const { inside, target, directory } = stage;
  inside.run("mount", "--make-rshared", "/"); // as systemd does
  inside.run("sh", "-c", "mkdir /dev/shm/deep && mount -t tmpfs none /dev/shm/deep");
  inside.write("/dev/shm/deep/file", "kept");
  putBase(stage);
  const before = stage.mounts();
  const takeAway = await target.placeDevices(directory);
  expect(inside.run("cat", "/dev/shm/deep/file")).toBe("kept");
  await takeAway?.();
  expect(stage.mounts()).toBe(before);
  expect(inside.run("cat", "/dev/shm/deep/file")).toBe("kept");
});

test("nobody inside finds it without its terminals who looks once more", needed, async () => {
  await using stage = await DevStage.start(() => withDev(System.start()));
  const { inside, target, directory } = stage;
  putBase(stage);
  const isThere = "[ -c /dev/pts/ptmx ]"; // who is on the way there when ours is taken away finds the directory that it was mounted on
  const script = `echo; until [ -e /dev/shm/end ]; do ${isThere} || ${isThere} || { echo missing; exit; }; done; echo always`;
  const watcher = inside.start("sh", "-c", script);
  await until(() => watcher.lines.length === 1, "it looks");
  for (let i = 0; i < 10; i++) await (await target.placeDevices(directory))?.();
  inside.write("/dev/shm/end", "");
  await watcher.end(); // with all that it wrote
  expect(watcher.lines).toEqual(["", "always"]);
});
