import { execFileSync, spawnSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { join } from "node:path";

import { expect, test, vi } from "vitest";

import { needs } from "../needs.js";
import { DevStage } from "./dev-stage.js";
import { Inside } from "./inside/inside.js";
import { Program } from "./inside/program.js";
import { makeRootfs } from "./inside/runc.js";
import { System } from "./inside/system.js";
import { until } from "./listener.js";
import { Stack } from "./stack.js";

vi.setConfig({ testTimeout: 60_000 }); // processes start slowly on a machine that is busy

const needed = needs("root");

test("where it is in our own mount namespace nothing is mounted for it", needed, async () => {
  await using stack = new Stack();
  const program = await startProgram(stack, "unshare", "--net", "sh", "-c", "echo; exec cat");
  await using stage = await DevStage.start(async () => new Inside(program.process.pid ?? 0, ["-n"]));
  const before = stage.host();
  expect(await stage.target.placeDevices(stage.directory)).toBeUndefined();
  expect(stage.host()).toEqual(before);
});

async function startProgram(stack: Stack, file: string, ...args: readonly string[]): Promise<Program> {
  const program = new Program(file, args);
  stack.use({ [Symbol.asyncDispose]: () => program.end() });
  await until(() => program.lines.length === 1 || program.process.exitCode !== null, "it has started");
  expect(program.stderr).toBe("");
  return program;
}

test.each([
  ["is a symlink", "ln -s /tmp/led /dev"],
  ["is missing", "true"],
  ["is no directory", ": >/dev"],
])("where its /dev %s nothing is made, and nothing mounted", needed, async (problem, make) => {
  await using stage = await DevStage.start(() => System.start());
  const { inside, target, directory } = stage;
  inside.run("sh", "-c", `mkdir -p /tmp/led && umount -l /dev && rmdir /dev && ${make}`);
  const [mounts, root] = [stage.mounts(), inside.run("ls", "/")];
  const placing = target.placeDevices(directory);
  await expect(placing).rejects.toThrow(problem);
  expect(stage.mounts()).toBe(mounts);
  expect(inside.run("ls", "/")).toBe(root);
});

test("one whose root is a directory in its mount namespace finds it in that one's /dev", needed, async () => {
  await using stack = new Stack();
  const script = `mount --bind /usr "$0/usr" && mount -t tmpfs none "$0/dev" && exec chroot "$0" sh -c "echo; exec cat"`;
  await using stage = await DevStage.start(async (directory) => {
    const root = join(directory, "root");
    makeRootfs(directory, root);
    const program = await startProgram(stack, "unshare", "--net", "--mount", "sh", "-c", script, root);
    return new Inside(program.process.pid ?? 0, ["-n", "-m", "-r"]);
  });
  const { inside, target, directory } = stage;
  stage.put("mine");
  const before = { mounts: stage.mounts(), host: stage.host() };
  const takeAway = await target.placeDevices(directory);
  expect(inside.run("ls", "/dev").trim()).toBe("mine");
  expect(execFileSync("nsenter", ["-t", `${inside.pid}`, "-m", "ls", "/dev"], { encoding: "utf8" })).toContain(
    "null\n",
  );
  await takeAway?.();
  expect({ mounts: stage.mounts(), host: stage.host() }).toEqual(before);
});

test("one whose engine bound it there is let be", needed, async () => {
  await using stage = await DevStage.start((_, dev) => System.startPrivileged([{ source: dev, destination: "/dev" }]));
  const { inside, target, directory } = stage;
  stage.put("mine");
  expect(await target.placeDevices(directory)).toBeUndefined();
  expect(inside.exists("/dev/mine")).toBe(true);
  await inside.end();
});

test("one that has ended is told of", needed, async () => {
  await using stage = await DevStage.start(() => System.start());
  const placing = stage.inside.end().then(() => stage.target.placeDevices(stage.directory));
  await expect(placing).rejects.toMatchObject({ code: "TARGET_GONE" });
});

test(
  "where its /dev never answers that is said, and nothing is left there",
  needs("root", "FUSE", "debian package python3"),
  async () => {
    await using stage = await DevStage.start(() => System.startPrivileged());
    const { inside, target, directory } = stage;
    const server = inside.startPython(new URL("inside/mute.py", import.meta.url), "/dev");
    await until(() => server.lines.length === 1 || server.stderr !== "", "it is mounted");
    expect(server.stderr).toBe("");
    const mounts = stage.mounts();
    const placing = target.placeDevices(directory).finally(() => expect(countWorkers(inside.pid)).toBe(1));
    await expect(placing).rejects.toThrow(/its \/dev, or what is mounted below it, does not answer/);
    expect(stage.mounts()).toBe(mounts);
    await server.end(); // then it answers that it is gone
    await until(() => countWorkers(inside.pid) === 0, "who waited for it has ended");
    expect(stage.mounts()).toBe(mounts);
  },
);

/** Processes of ours in the mount namespace of another one. */
function countWorkers(pid: number): number {
  const { stdout } = spawnSync("ps", ["--ppid", `${process.pid}`, "-o", "pid="], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => {
    try {
      const there = readlinkSync(`/proc/${line.trim()}/ns/mnt`) === readlinkSync(`/proc/${pid}/ns/mnt`);
      return there && readlinkSync(`/proc/${line.trim()}/exe`) === process.execPath;
    } catch {
      return false; // it has ended
    }
  }).length;
}
