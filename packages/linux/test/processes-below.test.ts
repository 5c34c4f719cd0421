import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";
import { loadAddon } from "../src/addon.js";
import { Locks } from "../src/directory-lock.js";
import { cgroupsOf } from "../src/rights/cgroups.js";
import { openCgroupRights } from "../src/rights/open-rights.js";
import { CGROUPS_MAX, processesBelow } from "../src/rights/processes-below.js";
import { Cgroup } from "./world/cgroups.js";

const addon = loadAddon();
const HOME = cgroupsOf(process.pid).unified;

describe.runIf(HOME !== undefined)("the processes of a cgroup", needs("root"), () => {
  let temporary: ReturnType<typeof temporaryDirectory>;
  let cgroup: Cgroup;
  const below: string[] = [];

  const locks = (): Locks => new Locks(addon, [join(temporary.path, ".locks")]);
  const openRights = (path = cgroup.path): void => openCgroupRights({ addon, locks: locks() }, path).close();
  function make(name: string): string {
    const path = join(cgroup.path, name);
    mkdirSync(path);
    below.push(path);
    return path;
  }

  beforeEach(() => {
    temporary = temporaryDirectory();
    cgroup = new Cgroup([HOME ?? ""]);
  });
  afterEach(() => {
    for (const path of below.splice(0).toReversed()) rmdirSync(path);
    cgroup.remove();
    temporary[Symbol.dispose]();
  });

  test("a threaded one below it has none of its own", () => {
    writeFileSync(join(make("threads"), "cgroup.type"), "threaded");
    expect([...processesBelow(cgroup.path)]).toEqual([]);
    openRights();
  });

  test("a threaded one itself is refused, with what can be done", () => {
    const path = make("threads");
    writeFileSync(join(path, "cgroup.type"), "threaded");
    expect(() => openRights(path)).toThrow(
      expect.objectContaining({ code: "PATH_UNUSABLE", message: expect.stringContaining("is threaded") as unknown }),
    );
  });

  test("where it has made more cgroups than are looked at no rights are given, and it is said why", () => {
    for (let i = 1; i < CGROUPS_MAX; i++) make(`${i}`);
    expect([...processesBelow(cgroup.path)]).toEqual([]);
    openRights();
    make("another");
    expect([...processesBelow(cgroup.path)]).toEqual([undefined]);
    expect(openRights).toThrow(
      expect.objectContaining({
        code: "PATH_UNUSABLE",
        remedy: expect.stringContaining("cgroup.max.descendants") as unknown,
      }),
    );
  });
});

describe("the directories of cgroups", () => {
  test("one that goes while they are read is empty, and what cannot be read is said", () => {
    using tree = temporaryDirectory();
    writeFileSync(join(tree.path, "cgroup.procs"), "12\n0\n");
    mkdirSync(join(tree.path, "gone"));
    expect([...processesBelow(tree.path)]).toEqual([12]);
    mkdirSync(join(tree.path, "gone", "cgroup.procs"));
    expect(() => [...processesBelow(tree.path)]).toThrow("EISDIR");
  });
});
