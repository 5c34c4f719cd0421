import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";

import type { SysDirectory } from "@uevent-bridge/kernel";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { devpathOf, plugLoop } from "../../../test/real/loops.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { Hand } from "../src/dev/hand.js";
import { Locks } from "../src/directory-lock.js";
import { MountTables } from "../src/mount-tables.js";
import { openSysDirectory } from "../src/sys/sys-directory.js";
import { removeLoop } from "../src/testing/index.js";

const addon = loadAddon();
const MODE = 0o700;

describe("where a root with all capabilities of the host has changed a /sys", needs("root", "loop devices"), () => {
  let temporary: ReturnType<typeof temporaryDirectory>;
  let directory: SysDirectory;
  let number: number;
  let victim: string;
  const above = () => join(temporary.path, "box.sys");
  const copy = () => join(temporary.path, "copy");
  const open = () => {
    const locks = new Locks(addon, [join(temporary.path, ".locks")]);
    const tools = { addon, locks, sysfs: "/sys", mounts: new MountTables(addon), hand: new Hand(addon) };
    return openSysDirectory(tools, above(), { uid: 0, gid: 0 });
  };
  /** Works in its file system as who comes to all of it. */
  const change = (work: (at: (name: string) => string) => void): void => {
    const place = openSync(above(), "r");
    const fs = addon.openNodes(place, "fs");
    work((name) => `/proc/self/fd/${fs}/${name}`);
    for (const fd of [fs, place]) closeSync(fd);
  };
  const look = (): readonly string[] =>
    readdirSync(victim, { recursive: true, encoding: "utf8" })
      .toSorted()
      .map((name) => `${name} ${lstatSync(join(victim, name)).mode.toString(8)}`);

  beforeEach(() => {
    temporary = temporaryDirectory();
    victim = join(temporary.path, "victim");
    mkdirSync(victim, MODE);
    mkdirSync(join(victim, "block"), MODE);
    number = plugLoop();
    directory = open();
  });
  afterEach(() => {
    directory.close();
    for (const place of [copy(), join(above(), "fs")]) spawnSync("umount", ["-R", place]); // if it is mounted still
    removeLoop(number);
    temporary[Symbol.dispose]();
  });

  test.each(["tree/class", "tree/dev", "tree/fs", "empty", "bench"])(
    "the next relay follows no symlink that is in the place of %s, and puts there what is to be there",
    (name) => {
      const devpath = devpathOf(number);
      writeFileSync(join(victim, "block", basename(devpath)), "", { mode: 0o600 });
      const before = look();
      directory.show(devpath);
      change((at) => {
        renameSync(at(name), at("moved"));
        symlinkSync(victim, at(name));
      });
      mkdirSync(copy());
      execFileSync("mount", ["--rbind", directory.path, copy()]); // a container has it: it stays
      directory.close();
      directory = open();
      expect(look()).toEqual(before);
      expect(statSync(victim).mode & 0o777).toBe(MODE);
    },
  );

  test("it does not keep the relay busy: what is put below a device stays, beyond a bound, and it is said", () => {
    const devpath = devpathOf(number);
    directory.show(devpath);
    directory.hide(devpath);
    change((at) => {
      mkdirSync(at(`tree${devpath}`), { recursive: true });
      for (let n = 0; n < 10_000; n++) mkdirSync(at(`tree${devpath}/${n}`));
      chmodSync(at(`tree${devpath}`), 0o755);
    });
    expect(() => directory.show(devpath)).toThrow(expect.objectContaining({ code: "PATH_UNUSABLE" }));
    expect(readdirSync(join(directory.path, devpath)).length).toBeGreaterThan(5000);
  });
});
