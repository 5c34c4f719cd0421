import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inCache } from "../scripts/bootstrap/paths.mjs";
import { isFresh, stamped } from "../scripts/bootstrap/stamp.mjs";
import { ROOT } from "./packages.js";

let place = "";
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "uevent-bridge-bootstrap-"));
});
afterEach(() => rmSync(place, { recursive: true }));

describe("the lock of a tree", () => {
  const started: ChildProcess[] = [];
  afterEach(() => started.splice(0).forEach((child) => child.kill("SIGKILL")));

  /** A process that takes the lock, says the pid of who has it then, and keeps it until its stdin ends. */
  function holder(child = ""): { readonly process: ChildProcess; readonly holds: Promise<number> } {
    const script = `const { holdLock } = await import(${JSON.stringify(join(ROOT, "scripts/bootstrap/lock.mjs"))});
      const lock = await holdLock(${JSON.stringify(place)});
      let { pid } = process;
      ${child}
      console.log(pid);
      process.stdin.once("end", () => lock.release()).resume();`;
    const process = spawn(globalThis.process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    started.push(process);
    return { process, holds: once(process.stdout, "data").then(([line]) => Number(line)) };
  }

  const within = (ms: number, event: Promise<unknown>): Promise<boolean> =>
    Promise.race([event.then(() => true), sleep(ms, false)]);

  test("is held by one at a time, and passed on when it is released", async () => {
    const first = holder();
    await first.holds;
    const second = holder().holds;
    expect(await within(300, second)).toBe(false);
    first.process.stdin?.end();
    await second;
  });

  test("is free when its holder was killed", async () => {
    const first = holder();
    await first.holds;
    const second = holder().holds;
    expect(await within(300, second)).toBe(false);
    first.process.kill("SIGKILL");
    await second;
  });

  test("is held by what a killed holder had started, until that ends", async () => {
    const sleeper = `const { spawn } = await import("node:child_process");
      ({ pid } = spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", lock.fd] }));`;
    const first = holder(sleeper);
    const pid = await first.holds;
    first.process.kill("SIGKILL");
    const second = holder().holds;
    expect(await within(500, second)).toBe(false);
    process.kill(pid, "SIGKILL");
    await second;
  });
});

describe("a step", () => {
  const name = `test-${process.pid}`;
  const input = (): string => relative(ROOT, join(place, "input"));
  const output = (): string => relative(ROOT, join(place, "output"));
  const step = (runtime = "20") => ({ name, inputs: () => [input()], runtime: [runtime], outputs: () => [output()] });
  const put = (file: string, text: string): void => writeFileSync(join(ROOT, file), text);
  const make = (worked = true): Promise<boolean> =>
    stamped(step(), async () => {
      put(output(), "made");
      return Promise.resolve(worked);
    });

  beforeEach(() => put(input(), "one"));
  afterEach(() => rmSync(inCache("bootstrap", `${name}.stamp`), { force: true }));

  test("is stale before it was run", () => {
    put(output(), "made by somebody else");
    expect(isFresh(step())).toBe(false);
  });

  test("is fresh once it worked", async () => {
    await make();
    expect(isFresh(step())).toBe(true);
  });

  test.each([
    ["it failed", () => make(false)],
    ["its output is gone", () => make().then(() => rmSync(join(ROOT, output())))],
    ["its input changed", () => make().then(() => put(input(), "two"))],
    [
      "its input changed while it ran",
      () => stamped(step(), async () => make().then(() => (put(input(), "two"), true))),
    ],
  ])("is stale when %s", async (_, happen) => {
    await happen();
    expect(isFresh(step())).toBe(false);
  });

  test("is stale for another release of Node", async () => {
    await make();
    expect(isFresh(step("24"))).toBe(false);
  });
});
