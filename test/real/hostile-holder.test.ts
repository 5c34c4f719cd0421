import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { Holder, IDLE_FILES } from "../../packages/agent/test/holder.js";
import { Running, startPython, until } from "../../packages/agent/test/program.js";
import { needs } from "../needs.js";

const SCRIPT = readFileSync(new URL("hostile/holder.py", import.meta.url), "utf8");

describe("a program that a holder serves", needs("root", "debian package python3"), () => {
  test("and that dies while it asks leaves nothing to who has its pid by then", async () => {
    await using holder = await Holder.start();
    await using program = holder.start(
      "unshare",
      "--pid",
      "--fork",
      "--mount-proc",
      "python3",
      "-c",
      SCRIPT,
      "successor",
    );
    await until(() => program.lines.includes("ready"), "it is there");
    process.kill(holder.pid, "SIGSTOP");
    program.process.stdin?.write("\n");
    await until(() => program.lines.length === 2, "another one has its pid");
    process.kill(holder.pid, "SIGCONT");
    expect(holder.exec("true").status).toBe(0); // it is through with what was asked before
    program.process.stdin?.write("\n");
    await until(() => program.lines.length === 3, "it has looked");
    expect(program.lines).toEqual(["ready", "swapped", "0"]);
    await until(() => holder.files().length === IDLE_FILES, "nothing of them is kept");
  });

  test("and that is interrupted all the time while it asks has one socket for each that it was given", async () => {
    await using holder = await Holder.start();
    expect(holder.exec("python3", "-c", SCRIPT, "interrupted")).toMatchObject({ stdout: "500 True\n", stderr: "" });
    await until(() => holder.files().length === IDLE_FILES, "nothing of it is kept");
  });

  test("and that takes what it asks itself is served no more, and holds up nobody", async () => {
    await using holder = await Holder.start();
    await using thief = new Running("setsid", ["python3", "-c", SCRIPT, "thief", holder.path]);
    await until(() => thief.lines.includes("kept 1"), "its descriptor is kept");
    await until(() => holder.files().length === IDLE_FILES, "it is let go of");
    const { status, stdout } = holder.exec("python3", "-c", SCRIPT, "interrupted"); // while that one goes on
    expect([status, stdout]).toEqual([0, "500 True\n"]);
    await until(() => holder.files().length === IDLE_FILES, "nothing is kept");
    thief.process.stdin?.write("\n");
    await until(() => thief.hasEnded, "it ends with its children");
  });

  test("and that asks for nonsense is answered as by the kernel, and hears the host by none of it", async () => {
    await using holder = await Holder.start();
    await using bare = startPython(SCRIPT, "nonsense");
    await using served = holder.startPython(SCRIPT, "nonsense");
    const resultsOf = ({ lines }: typeof bare): string | undefined => lines.find((line) => line.startsWith("results"));
    await until(() => resultsOf(bare) !== undefined && resultsOf(served) !== undefined, "both have asked");
    expect(resultsOf(served)).toBe(resultsOf(bare));
    const opened = served.lines.flatMap((line) => /^uevents (\d+)$/.exec(line)?.[1] ?? []);
    expect(opened.length).toBeGreaterThan(3);
    expect([...holder.sockets()]).toEqual(expect.arrayContaining(opened));
  });
});
