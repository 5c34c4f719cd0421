import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
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

/** A container with so many mounts; returns how it ends. */
async function withMounts(count: number): Promise<() => Promise<void>> {
  const place = temporaryDirectory();
  const script = `mount -t tmpfs none "$1" && exec python3 -c "$0" "$1" "$2"`;
  const words = ["-m", "--propagation", "private", "sh", "-c", script, MANY, place.path, `${count}`];
  const child = spawn("unshare", words, { stdio: ["pipe", "pipe", "inherit"] });
  const end = async (): Promise<void> => {
    if (child.exitCode === null) {
      child.stdin.end();
      await once(child, "exit");
    }
    place[Symbol.dispose]();
  };
  onTestFinished(end);
  await once(child.stdout, "data");
  return end;
}

describe("whether a directory is bound somewhere", needs("root"), () => {
  test("is taken to be so while a container has more mounts than are looked at", async () => {
    using temporary = temporaryDirectory();
    mkdirSync(join(temporary.path, "box"));
    const fd = openSync(join(temporary.path, "box"), "r");
    onTestFinished(() => closeSync(fd));
    const looked = () => new MountTables(4_194_304).isBound(fd); // bytes: with more mounts, others that look now would see them too
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
  const child = spawn("unshare", ["-m", "--propagation", "private", "sh", "-c", BIND, "sh", place.path], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [device] = (await once(child.stdout, "data")) as [Buffer];
  const having = (path: string) => new MountTables().having(device.toString().trim(), path);
  expect(having(join(place.path, "to"))).toEqual([child.pid]);
  expect(having(join(place.path, "elsewhere"))).toEqual([]);
  child.stdin.end();
  await once(child, "exit");
});
