import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { needs } from "../../../test/needs.js";
import { loadAddon } from "../src/addon.js";
import { lockName, Locks } from "../src/directory-lock.js";
import { makePlace } from "./world/directories.js";
import { USER } from "./world/privilege.js";

type At = (name: string) => string;

describe("what another user of the host says that a killed relay has noted", needs("root"), () => {
  const PLACES = ["uevent-bridge-0", "uevent-bridge-0/.locks"];

  test.each([
    ["in a directory that he made first", (at: At) => PLACES.forEach((each) => chownSync(at(each), USER, USER))],
    ["below a directory of his", (at: At) => chownSync(at("uevent-bridge-0"), USER, USER)],
    ["where anybody may write", (at: At) => chmodSync(at("uevent-bridge-0/.locks"), 0o777)],
    ["in a file of his", (_: At, file: string) => chownSync(file, USER, USER)],
    ["in a file that has a name elsewhere", (at: At, file: string) => linkSync(file, at("elsewhere"))],
  ])("%s is nothing, and is neither waited for nor written to", async (_, prepare) => {
    const { folder } = makePlace();
    folder.make();
    const at: At = (name) => join(folder.base, name);
    for (const each of PLACES) mkdirSync(at(each));
    const [runtime = "", squatted = ""] = ["run/.locks", "uevent-bridge-0/.locks"].map(at);
    const file = join(squatted, lockName(statSync(folder.path, { bigint: true })));
    const note = `1\ndevices c 1:5 rw\n${JSON.stringify(folder.path)}\nswept\n`;
    writeFileSync(file, note);
    prepare(at, file);
    const keeper = spawn("flock", [file, "sh", "-c", "echo; exec sleep 10"], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void keeper.kill());
    await once(keeper.stdout, "data");
    const fd = openSync(folder.path, "r");
    onTestFinished(() => closeSync(fd));
    expect(new Locks(loadAddon(), [runtime, squatted]).left({ path: folder.path, fd })).toBe("");
    expect([readFileSync(file, "utf8"), existsSync(dirname(runtime))]).toEqual([note, false]);
  });
});
