import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { needs } from "../../../test/needs.js";
import { LOOK_MS } from "../src/inbox.js";
import { listen } from "../src/index.js";
import type { Built } from "./support/built.js";
import { buildListener } from "./support/built.js";
import { run as runChild } from "./support/child.js";
import { containerDirectory } from "./support/container-directory.js";
import { FakeRelay, socketsIn } from "./support/fake-relay.js";
import { event, hello } from "./support/messages.js";
import { deadSocket, withSockets } from "./support/unix-dgram.js";

let built: Built;
beforeAll(async () => void (built = await buildListener()));
afterAll(() => built.remove());

const run = (dir: string, program: string) => runChild(built.path, dir, program);

/** Makes its view of the directory one that cannot be written, until it is told otherwise. */
const READ_ONLY_PROGRAM = `
  import { execFileSync } from "node:child_process";
  const mount = (...args) => execFileSync("mount", args);
  mount("--bind", dir, dir);
  const listener = await listen({ dir });
  mount("-o", "remount,bind,ro", dir);
  console.log("read-only");
  process.stdin.once("data", () => { mount("-o", "remount,bind,rw", dir); console.log("can be written"); });
  process.stdin.once("end", () => listener.close());
`;
const READ_ONLY = needs("root", "unix-dgram");

const STILL_RUNS = 500; // ms after which a process that would end has ended

describe("a listener holds the process", withSockets, () => {
  test("until it is closed", async () => {
    const child = run(
      containerDirectory(),
      `const l = await listen({ dir }); console.log("up"); process.stdin.once("data", () => { l.close(); process.stdin.destroy() })`,
    );
    await child.line();
    expect(await Promise.race([child.ended, setTimeout(STILL_RUNS, "runs")])).toBe("runs");
    child.process.stdin.write("x");
    expect(await child.ended).toBe(0);
  });

  test("until its signal is aborted", async () => {
    const child = run(containerDirectory(), `await listen({ dir, signal: AbortSignal.timeout(50) })`);
    expect(await child.ended).toBe(0);
  });

  test.each([
    ["while there is no directory", "", "runs"],
    ["not while there is none, after unref()", ".unref()", 0],
  ])("%s", async (_, unref, ends) => {
    const dir = join(containerDirectory(), "d");
    mkdirSync(dir);
    const child = run(dir, `(await listen({ dir }))${unref}; setTimeout(() => {}, 1500); console.log("up")`);
    await child.line();
    rmSync(dir, { recursive: true });
    const patience = ends === "runs" ? [setTimeout(1500 + 2 * STILL_RUNS, ends)] : [];
    expect(await Promise.race([child.ended, ...patience])).toBe(ends);
  });

  test("not after unref()", async () => {
    const dir = containerDirectory();
    const child = run(dir, `(await listen({ dir })).unref()`);
    expect(await child.ended).toBe(0);
    expect(socketsIn(dir)).toEqual([]);
  });

  test("not after unref() of several that came at different times", async () => {
    const child = run(
      containerDirectory(),
      `(await listen({ dir })).unref(); setTimeout(async () => (await listenRaw({ dir })).unref(), 50)`,
    );
    expect(await child.ended).toBe(0);
  });

  test("again after unref() and ref()", async () => {
    const child = run(containerDirectory(), `(await listen({ dir })).unref().ref()`);
    expect(await Promise.race([child.ended, setTimeout(STILL_RUNS, "runs")])).toBe("runs");
  });

  test("after unref() as long as something else does, and hears events meanwhile", async () => {
    const dir = containerDirectory();
    const child = run(
      dir,
      `const other = setTimeout(() => {}, 60_000);
       const listener = (await listen({ dir })).unref();
       listener.on("event", ({ devpath }) => { console.log(devpath); clearTimeout(other); });
       console.log("up")`,
    );
    await child.line();
    await setTimeout(300); // it has looked by now
    using relay = new FakeRelay(dir);
    await relay.say(hello, event(1, { devpath: "/devices/late" }));
    expect(await child.line()).toBe("/devices/late");
    expect(await child.ended).toBe(0);
  });

  test("after unref() as long as standard input is read, without a pause", async () => {
    const dir = containerDirectory();
    const child = run(dir, `(await listen({ dir })).unref(); process.stdin.resume(); console.log("up")`);
    await child.line();
    const sockets = socketsIn(dir);
    expect(await Promise.race([child.ended, setTimeout(STILL_RUNS, "runs")])).toBe("runs");
    expect(socketsIn(dir)).toEqual(sockets);
    child.process.stdin.end();
    expect(await child.ended).toBe(0);
  });

  test("after unref() as long as a poll of unix-dgram does, which no list of Node's shows", async () => {
    const dir = containerDirectory();
    const child = run(
      dir,
      `(await listen({ dir })).unref(); await listen({ dir }); setTimeout(() => console.log("alive"), 600).unref()`,
    );
    expect(await child.line()).toBe("alive");
    await expect.poll(() => socketsIn(dir).length).toBe(2); // it may just wait whether the process ends
  });
});

describe("the socket's file", withSockets, () => {
  test.each([
    ["process.exit()", `await listen({ dir }); process.exit(3)`, 3],
    ["an uncaught error", `await listen({ dir }); throw new Error("of the test")`, 1],
  ])("goes at %s", async (_, program, status) => {
    const dir = containerDirectory();
    expect(await run(dir, program).ended).toBe(status);
    expect(socketsIn(dir)).toEqual([]);
  });

  test("that a killed process left is removed by the next listener, others are not", async () => {
    const dir = containerDirectory();
    writeFileSync(join(dir, "notes.msgpack.sock"), "no socket, and not ours");
    const child = run(dir, `await listen({ dir }); await listenRaw({ dir }); console.log("up")`);
    await child.line();
    child.process.kill("SIGKILL");
    await child.ended;
    expect(socketsIn(dir)).toHaveLength(3);

    await using listener = await listen({ dir });
    await using second = await listen({ dir });
    expect([listener, second].map(({ devices }) => devices.size)).toEqual([0, 0]);
    expect(socketsIn(dir)).toHaveLength(3); // the two that live and the one that is not ours
    expect(readFileSync(join(dir, "notes.msgpack.sock"), "utf8")).toContain("not ours");
  });
});

test(
  "a directory that becomes read-only ends nobody, and is used again once it can be written",
  READ_ONLY,
  async () => {
    const dir = containerDirectory();
    const child = runChild(built.path, dir, READ_ONLY_PROGRAM, ["unshare", "--mount"]);
    expect(await child.line()).toBe("read-only");
    deadSocket(join(dir, "1-0123456789ab.sock"));
    for (const name of socketsIn(dir).filter((each) => !each.startsWith("1-"))) rmSync(join(dir, name)); // it looks for another place
    await setTimeout(2 * LOOK_MS);
    expect(child.errors()).toBe("");
    child.process.stdin.write("x");
    expect(await child.line()).toBe("can be written");
    const ours = [expect.stringMatching(`^${child.process.pid}-`)]; // and not the dead one
    await vi.waitFor(() => expect(socketsIn(dir)).toEqual(ours), { timeout: 5 * LOOK_MS });
    child.process.stdin.end();
    expect(await child.ended).toBe(0);
  },
);
