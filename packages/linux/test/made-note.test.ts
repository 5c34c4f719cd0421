import { execFileSync } from "node:child_process";
import { closeSync, constants, copyFileSync, mkdirSync, mkdtempSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { Hand } from "../src/dev/hand.js";
import { MadeNote } from "../src/dev/made-note.js";
import { SingleNodes } from "../src/dev/single-nodes.js";

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;
const NODE = { kind: "node", type: "char", major: 1, minor: 5, mode: 0o666, uid: 0, gid: 0 } as const;
const DEV = { mntns: 1n, device: 2n, inode: 3n, born: 4n };

describe("where no more can be noted of what is made in a container's /dev", needs("root"), () => {
  let temporary: ReturnType<typeof temporaryDirectory>;
  let notes = "";
  let dev = "";
  let nodes: SingleNodes;

  /** What the next relay would find, were this one killed. */
  function noted(): ReadonlySet<string> {
    const copy = mkdtempSync(join(temporary.path, "copy-"));
    copyFileSync(join(notes, "made"), join(copy, "made"));
    const fd = openSync(copy, DIRECTORY);
    const note = new MadeNote(fd, DEV);
    const names = note.names();
    note.close();
    closeSync(fd);
    return new Set(names);
  }

  /** Puts nodes there until one is refused. @returns those that are there, and what was said */
  function fill(): { readonly names: readonly string[]; readonly error: unknown } {
    const names: string[] = [];
    for (;;) {
      const name = `${names.length}`.padStart(100, "n");
      try {
        nodes.put(name, NODE);
        names.push(name);
      } catch (error) {
        return { names, error };
      }
    }
  }

  beforeEach(() => {
    temporary = temporaryDirectory();
    notes = join(temporary.path, "notes");
    dev = join(temporary.path, "dev");
    for (const path of [notes, dev]) mkdirSync(path);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k", "none", notes]); // a page: room for some forty names
    const hand = new Hand(loadAddon());
    hand.hold();
    const home = { path: notes, fd: openSync(notes, DIRECTORY), made: false };
    const lock = { left: "", note: () => {}, also: () => undefined, release: () => {} };
    const note = new MadeNote(home.fd, DEV);
    nodes = new SingleNodes({ path: dev, hand, dev: openSync(dev, DIRECTORY), note, home, lock });
  });
  afterEach(() => {
    try {
      nodes.close();
    } finally {
      execFileSync("umount", ["-l", notes]);
      temporary[Symbol.dispose]();
    }
  });

  test("it is not made, that is said, and what can be noted is made again", () => {
    const { names, error } = fill();
    expect(error).toMatchObject({
      code: "PATH_UNUSABLE",
      message: expect.stringContaining("cannot be noted on the host") as unknown,
    });
    expect(new Set(readdirSync(dev))).toEqual(new Set(names));
    expect(noted()).toEqual(new Set(names));
    execFileSync("mount", ["-o", "remount,size=64k", notes]);
    nodes.put("another", NODE);
    expect(new Set(readdirSync(dev))).toEqual(new Set([...names, "another"]));
    expect(noted()).toEqual(new Set([...names, "another"]));
  });

  test("what goes is removed, and nothing is left at the end", () => {
    const { names } = fill();
    for (const name of names) nodes.remove(name);
    expect(readdirSync(dev)).toEqual([]);
    nodes.close();
    expect(readdirSync(notes)).toEqual([]);
  });
});
