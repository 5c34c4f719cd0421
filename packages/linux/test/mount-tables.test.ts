import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { MountTables } from "../src/mount-tables.js";

/** In a mount namespace of its own: mounts whose lines are 30 KB each, as each blank in a path is four bytes there. */
const MANY = `
import ctypes, os, sys
mount = ctypes.CDLL(None, use_errno=True).mount
os.chdir(sys.argv[1])
for n in range(15):
    os.mkdir(" " * 250)
    os.chdir(" " * 250)
for n in range(int(sys.argv[2])):
    if mount(b".", b".", None, 4096, None) != 0:
        raise OSError(ctypes.get_errno(), "mount")
print("ready", flush=True)
sys.stdin.read()
`;

/** A mount namespace in which a script runs that says when it is ready. */
async function startInside(script: string, ...words: readonly string[]) {
  const args = ["-m", "--propagation", "private", "sh", "-c", script, ...words];
  const child = spawn("unshare", args, { stdio: ["pipe", "pipe", "inherit"] });
  const end = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    child.stdin.end();
    await once(child, "exit");
  };
  onTestFinished(end);
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { pid: child.pid, said: said.toString().trim(), end };
}

/** A container with so many mounts; returns how it ends. */
async function withMounts(count: number): Promise<() => Promise<void>> {
  const place = temporaryDirectory();
  onTestFinished(() => place[Symbol.dispose]());
  const script = `mount -t tmpfs none "$1" && exec python3 -c "$0" "$1" "$2"`;
  return (await startInside(script, MANY, place.path, `${count}`)).end;
}

describe("whether a directory is bound somewhere", needs("root"), () => {
  test("is taken to be so while a container has more mounts than are looked at", async () => {
    using temporary = temporaryDirectory();
    mkdirSync(join(temporary.path, "box"));
    const fd = openSync(join(temporary.path, "box"), "r");
    onTestFinished(() => closeSync(fd));
    const looked = () => new MountTables(loadAddon(), 4_194_304).isBound(fd); // bytes: with more mounts, others that look now would see them too
    expect(looked()).toBe(false);
    const endFew = await withMounts(10);
    expect(looked()).toBe(false);
    await endFew();
    const end = await withMounts(200);
    expect(looked()).toBe(true);
    await end();
    expect(looked()).toBe(false);
  });
});

/** Binds a directory whose name has a carriage return, from a file system of its own; prints the number of that. */
const BIND = `mount -t tmpfs none "$1" && mkdir "$1/from\r" "$1/to" && mount --bind "$1/from\r" "$1/to" && stat -c %Hd:%Ld "$1/to"; read _`;

test("the process is found in whose namespace a file system is at a path", needs("root"), async () => {
  using place = temporaryDirectory();
  const { pid, said, end } = await startInside(BIND, "sh", place.path);
  const having = (path: string) => new MountTables(loadAddon()).having(said, path);
  expect(having(join(place.path, "to"))).toEqual([pid]);
  expect(having(join(place.path, "elsewhere"))).toEqual([]);
  await end();
});

/** Binds a directory of the host over another one. */
const BIND_OURS = `mount --bind "$1/box" "$1/to" && echo; read _`;

test("who looks into a container for us does not have what was bound there", needs("root"), async () => {
  using place = temporaryDirectory();
  for (const name of ["box", "to"]) mkdirSync(join(place.path, name));
  const fd = openSync(join(place.path, "box"), "r");
  const { pid, end } = await startInside(BIND_OURS, "sh", place.path);
  const addon = loadAddon();
  const inside = ["ns/mnt", "root"].map((name) => openSync(`/proc/${pid}/${name}`, "r"));
  const [mntns = -1, root = -1] = inside;
  const pipe = addon.startPlacing(0, mntns, root, fd, 0, 0, new Uint8Array(), 2); // looks, and stays until the pipe is closed
  onTestFinished(() => [fd, pipe, ...inside].forEach((each) => closeSync(each)));
  await expect.poll(() => hasAnswered(pipe)).toBe(true);
  const isBound = (tools: Pick<typeof addon, "worksApart">) => new MountTables(tools).isBound(fd);
  expect(isBound(addon)).toBe(true);
  await end();
  expect(isBound({ worksApart: () => 0 })).toBe(true);
  expect(isBound(addon)).toBe(false);
});

function hasAnswered(pipe: number): boolean {
  try {
    return readSync(pipe, new Uint8Array(4)) === 4;
  } catch {
    return false; // EAGAIN
  }
}
