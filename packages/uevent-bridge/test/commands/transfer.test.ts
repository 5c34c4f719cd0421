import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { join } from "node:path";

import { expect, onTestFinished, test, vi } from "vitest";

import { FakeIo } from "../fake-io.js";
import { LOOP0, LOOP1, smallMachine } from "../machine.js";

const realInterval = setInterval;

/** Two containers, each of an `attach` of its own: `a` holds loop0, and `b` has the rules of `args`. */
async function begin(...args: readonly string[]) {
  const io = new FakeIo({ kernel: smallMachine() });
  const beside = io.beside();
  const attached = [
    io.run("attach", "a", "--allow", `${LOOP0},exclusive`),
    io.stderr.until("a: ").then(() => beside.run("attach", "b", "--allow", LOOP1, ...args)),
  ];
  onTestFinished(async () => {
    beside.interrupt();
    io.interrupt();
    await Promise.all(attached);
    io[Symbol.dispose]();
  });
  await beside.stderr.until("b: ");
  const run = async (...words: string[]) => {
    const other = io.beside();
    const status = await other.run(...words);
    return { status, stdout: other.stdout.text, stderr: other.stderr.text };
  };
  /** The relay of `a` is no more, and what it holds is written all the same. Returns where. */
  const kill = async (): Promise<string> => {
    const claims = join(io.runtime.directory, ".claims");
    const path = join(claims, readdirSync(claims).find((name) => !name.startsWith(".")) ?? "");
    const claim = readFileSync(path);
    io.interrupt();
    await attached[0];
    writeFileSync(path, claim, { mode: 0o600 });
    await vi.waitUntil(async () => (await run("explain", "b", LOOP0, "--json")).stdout.includes(path), {
      timeout: 5000,
    });
    return path;
  };
  return { io, run, kill };
}

test("hands a device over to a container of another attach, and back", async () => {
  const { run } = await begin();
  expect(await run("transfer", LOOP0, "b")).toEqual({
    status: 0,
    stdout: "",
    stderr: `uevent-bridge: b holds ${LOOP0}\n  To hand it back: uevent-bridge transfer ${LOOP0} a.\n`,
  });
  const explained = await run("explain", "a", LOOP0, "--json");
  expect(JSON.parse(explained.stdout)).toMatchObject({ reason: "held", holder: "b" });
  const back = await run("transfer", LOOP0, "a", "--json", "--grace", "0.05");
  expect(JSON.parse(back.stdout)).toEqual({ type: "transferred", devpath: LOOP0, from: "b", to: "a" });
  expect(back).toMatchObject({ status: 0, stderr: "" });
  expect((await run("transfer", LOOP0, "a")).stderr).toBe(`uevent-bridge: a held ${LOOP0} already\n`);
});

test.each([
  ["nobody holds it", [LOOP1, "b"], 1, "nobody holds"],
  ["no such device is there", ["/devices/none", "b"], 1, "there is no device /devices/none"],
  ["the other is not attached", [LOOP0, "other"], 1, "no relay serves other for this user\n.*Attached are: a, b"],
  ["the other is denied it", [LOOP0, "b"], 1, "b may not see .*loop0: devname=loop0"],
  ["the time is none", [LOOP0, "b", "--grace", "soon"], 2, "a number of seconds"],
])("changes nothing where %s", async (_, args, status, stderr) => {
  const { run } = await begin("--deny", "devname=loop0");
  expect(await run("transfer", ...args)).toMatchObject({ status, stderr: expect.stringMatching(stderr) as string });
  const { stdout } = await run("explain", "a", LOOP0, "--json");
  expect(JSON.parse(stdout)).toMatchObject({ reason: "allowed", holder: "a" });
});

/** Has who asks lose patience soon. */
function hurry(): void {
  const real = Reflect.get(Socket.prototype, "setTimeout");
  vi.spyOn(Socket.prototype, "setTimeout").mockImplementation(function (this: Socket, ms, late) {
    return real.call(this, ms / 20, late);
  });
  onTestFinished(() => void vi.restoreAllMocks());
}

test.each([
  ["transfer", (name: string) => [LOOP0, name]],
  ["explain", (name: string) => [name, LOOP0]],
  ["tree", (name: string) => [name]],
  ["grant", (name: string) => [name, LOOP0]],
  ["revoke", (name: string) => [name, LOOP0]],
])("%s gives up where the relay that is asked is stopped", async (command, args) => {
  const { io, run } = await begin();
  const silent = createServer().listen(join(io.runtime.directory, ".control", "c.sock"));
  onTestFinished(() => void silent.close());
  hurry();
  expect(await run(command, ...args("c"))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("the relay of c does not answer\n  It may be stopped") as string,
  });
});

test("a long grace time is no silence", async () => {
  const { run } = await begin();
  hurry();
  vi.spyOn(globalThis, "setInterval").mockImplementation((work, ms) => realInterval(work, (ms ?? 0) / 20));
  expect(await run("transfer", LOOP0, "b", "--grace", "1.5")).toMatchObject({ status: 0 });
});

test("interrupted in its grace time it is taken back, and that is said", async () => {
  const { io, run } = await begin();
  const asking = io.beside();
  const status = asking.run("transfer", LOOP0, "b", "--grace", "60");
  await vi.waitUntil(async () => !(await run("explain", "a", LOOP0, "--json")).stdout.includes('"allowed"'));
  asking.interrupt();
  expect(await status).toBe(130);
  expect(asking.stderr.text).toBe(`uevent-bridge: interrupted: a holds ${LOOP0} as before\n  It was taken back.\n`);
  const { stdout } = await run("explain", "a", LOOP0, "--json");
  expect(JSON.parse(stdout)).toMatchObject({ reason: "allowed", holder: "a" });
});

test.each([
  ["no rule of its own", "b", "a"],
  ["a rule that claims it", "a", "b"],
])("a transfer lifts the revocation of that device, as a grant does: with %s", async (_, to, from) => {
  const { run } = await begin();
  await run("transfer", LOOP0, from);
  await run("revoke", to, LOOP0);
  const explained = await run("explain", to, LOOP0);
  expect(explained.stdout).toContain(`To lift that, and hand it over: uevent-bridge transfer ${LOOP0} ${to}.`);
  const { status, stderr } = await run("transfer", LOOP0, to);
  expect([status, stderr]).toEqual([0, expect.stringContaining(`${to} holds ${LOOP0}`)]);
  const of = async (name: string): Promise<unknown> => JSON.parse((await run("explain", name, LOOP0, "--json")).stdout);
  expect(await of(to)).toMatchObject({ reason: "allowed", holder: to });
  expect(await of(from)).toMatchObject({ holder: to });
});

test("what is held is handed over by the command that a refused grant, attach and explain name", async () => {
  const { run } = await begin("--allow", LOOP0);
  const command = `uevent-bridge transfer ${LOOP0} b`;
  expect(await run("grant", "b", LOOP0)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(command) as string,
  });
  expect((await run("explain", "b", LOOP0)).stdout).toContain(`To hand it over: ${command}.`);
  expect(await run("transfer", LOOP0, "b")).toMatchObject({ status: 0 });
});

test("explain names the hand-over, not a grant that is refused, where no rule lets in what another holds", async () => {
  const { run } = await begin();
  const { stdout } = await run("explain", "b", LOOP0);
  expect(stdout).toContain(`no: no rule of b lets it in, and a holds it, alone\n`);
  expect(stdout).toContain(`To hand it over: uevent-bridge transfer ${LOOP0} b.`);
  expect(stdout).not.toContain("uevent-bridge grant");
});

test("where no relay serves the holder any more, what helps is named", async () => {
  const { run, kill } = await begin();
  const file = await kill();
  const remedy = `If a is not attached any more and will never be again, remove ${file}`;
  expect((await run("explain", "b", LOOP0)).stdout).toContain(remedy);
  expect((await run("grant", "b", LOOP0)).stderr).toContain(remedy);
  const refused = await run("transfer", LOOP0, "b");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(`no relay serves a, which holds ${LOOP0}, for this user`);
  expect(refused.stderr).toContain(remedy);
  rmSync(file);
  await vi.waitUntil(async () => (await run("grant", "b", LOOP0)).status === 0, { timeout: 5000 });
});

test("what an attach holds, no run can", async () => {
  const { run } = await begin();
  const refused = await run("run", "c", "--allow", `${LOOP0},exclusive`, "--", "true");
  expect(refused.stderr).toContain(`c cannot hold ${LOOP0} alone: a has it`);
});
