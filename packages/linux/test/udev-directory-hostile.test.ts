import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { UdevDirectory } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { isRoot } from "./world/privilege.js";
import { asRoot, byUser, USER } from "./world/privilege.js";

const STRANGER = 64_322; // another id of a container, whose root is the relay's own user

let base: string;
let path: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "uevent-bridge-udev-"));
  chownSync(base, USER, USER);
  path = join(base, "run/box");
});
afterEach(() => {
  execFileSync("chmod", ["-R", "u+rwx", base]);
  rmSync(base, { recursive: true, force: true });
});

const open = (): UdevDirectory =>
  byUser(() => openLinux({ lockDirectory: join(base, "locks") }).openUdevDirectory(path));
const close = (directory: UdevDirectory): void => byUser(() => directory.close());

/** What root of the container does there, as the host sees it. */
function inside(script: string): void {
  execFileSync("sh", ["-ec", script], { cwd: path, ...(isRoot && { uid: USER, gid: USER }) });
}

const countFds = (): number => readdirSync("/proc/self/fd").length;

/** Longer than a path may be. */
const DEEP = `deep=$(printf 'd/%.0s' $(seq 1000)); for n in 1 2 3; do mkdir -p $deep; cd -P $deep; done; touch end`;

describe.each([
  ["a directory that it has shut", "mkdir -p x/y/z; touch x/y/z/a; chmod 0 x/y x"],
  ["the database, shut", "touch data/c1:3; mkdir -p tags/seat; touch tags/seat/a; chmod 0 tags/seat tags data"],
  ["the directory itself, shut", "touch a; chmod 0 ."],
  ["a directory where a file is to be", "rm control; mkdir -p control/a .writing/a"],
  ["names that are no text", "mkdir $(printf 'x\\377'); touch $(printf 'x\\377/\\376')"],
  ["a tree without end", DEEP],
  ["symlinks that lead elsewhere", "rm -r data; ln -s ../../victim data; ln -s ../../victim tags/victim"],
])("%s", (_name, script) => {
  beforeEach(() =>
    execFileSync("sh", [
      "-c",
      'mkdir "$0" && touch "$0/file" && chown -R "$1:$1" "$0"',
      join(base, "victim"),
      `${USER}`,
    ]),
  );
  afterEach(() => expect(readdirSync(join(base, "victim"))).toEqual(["file"]));

  test("is taken out at the end", () => {
    const before = countFds();
    const directory = open();
    inside(script);
    close(directory);
    expect(existsSync(path)).toBe(false);
    expect(countFds()).toBe(before);
    close(open());
  });

  test("is taken out by the relay after one that was killed", () => {
    close(open());
    execFileSync("sh", [
      "-c",
      'mkdir -p "$0" && cd "$0" && mkdir data tags && touch control && chown -R "$1:$1" .',
      path,
      `${USER}`,
    ]);
    inside(script);
    const directory = open();
    expect(readdirSync(path).sort()).toEqual(["control", "data", "tags"]);
    close(directory);
    expect(existsSync(path)).toBe(false);
  });
});

test("what another user of the container has put there stays, and is refused only where it is in the way", (context) => {
  asRoot(context);
  const before = countFds();
  const directory = open();
  const theirs = (name: string): void => {
    execFileSync("mkdir", ["-p", join(path, name, "a")]);
    chownSync(join(path, name), STRANGER, STRANGER);
    chmodSync(join(path, name), 0o755);
  };
  theirs("x");
  close(directory);
  expect(readdirSync(path)).toEqual(["x"]);
  close(open());
  theirs("data");
  const refusal = { code: "PATH_UNUSABLE", remedy: expect.stringMatching(/take out what is in it/) as string };
  expect(open).toThrow(expect.objectContaining(refusal));
  expect(countFds()).toBe(before);
});

test("one that root of the container has given away is let go of", (context) => {
  asRoot(context);
  const before = countFds();
  const directory = open();
  chownSync(path, STRANGER, STRANGER);
  chmodSync(path, 0);
  close(directory);
  expect(countFds()).toBe(before);
  expect(open).toThrow(expect.objectContaining({ code: "PATH_UNUSABLE" }));
});
