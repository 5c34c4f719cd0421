import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { FakeContainer } from "@uevent-bridge/kernel/testing";
import { expect, test, vi } from "vitest";

import { FakeIo } from "../fake-io.js";
import { LOOP0, LOOP1, smallMachine } from "../machine.js";

const allow = ["--allow", LOOP0] as const;

async function holderOf(io: FakeIo, path: string): Promise<FakeContainer> {
  return vi.waitUntil(() => io.kernel.shadow(path), { timeout: 10_000 });
}

test.each([
  ["its own", ["sh", "-c", "exit 7"], 7],
  ["128 and the signal's number", ["sh", "-c", "kill -TERM $$"], 143],
  ["0", ["true", "--help"], 0],
])("the status is the program's: %s", async (_name, program, status) => {
  using io = new FakeIo({ kernel: smallMachine() });
  expect(await io.run("run", "box", ...allow, "--", ...program)).toBe(status);
  expect(io.stderr.text).toBe("");
});

test.each([
  ["a rule is wrong", ["run", "box", "--allow", "nonsense", "--", "true"]],
  ["no program is named", ["run", "box", ...allow]],
  ["an option is unknown", ["run", "box", "--alow", LOOP0, "--", "true"]],
  ["the name is wrong", ["run", "a/b", ...allow, "--", "true"]],
])("125 where %s, with what to do", async (_name, args) => {
  using io = new FakeIo({ kernel: smallMachine() });
  expect(await io.run(...args)).toBe(125);
  expect(io.stderr.text).toMatch(/^uevent-bridge: .+\n.* .+\n/);
});

test.each([
  [
    "an option that is none of ours",
    ["ls", "-la"],
    "  Write -- before PROGRAM: what stands behind it is left to the program.\n",
  ],
  ["one that is like ours", ["ls", "--alow"], "  Did you mean --allow? Write -- before PROGRAM"],
])("%s, and no -- before the program: the remedy says where it belongs", async (_name, program, remedy) => {
  using io = new FakeIo({ kernel: smallMachine() });
  expect(await io.run("run", "box", ...allow, ...program)).toBe(125);
  expect(io.stderr.text).toContain(`unknown option '${program[1]}'\n${remedy}`);
});

test("a program hears in the shadow what is its own; trigger finds it by its name", async () => {
  using io = new FakeIo({ kernel: smallMachine() });
  const done = io.run("run", "box", ...allow, "--", "sh", "-c", "while :; do sleep 0.01; done");
  const path = join(io.runtime.directory, ".shadow/box");
  const reader = (await holderOf(io, path)).reader();
  io.kernel.change(LOOP1);
  io.kernel.change(LOOP0);
  await io.kernel.idle();
  expect(reader.readAll().map((bytes) => Buffer.from(bytes).toString().split("\0", 1)[0])).toEqual([`change@${LOOP0}`]);
  using other = io.beside();
  expect(await other.run("trigger", "box")).toBe(0);
  expect(io.signalled("SIGTERM")).toBe(true);
  expect(await done).toBe(143);
  expect(existsSync(join(io.runtime.directory, "box"))).toBe(false);
});

test.each([
  ["a terminal sends it to the program itself", true, "SIGINT", 4],
  ["of a terminal, SIGTERM is passed on", true, "SIGTERM", 143],
  ["without a terminal, SIGINT is passed on", false, "SIGINT", 130],
] as const)("%s", async (_name, hasTerminal, signal, status) => {
  using io = new FakeIo({ kernel: smallMachine() });
  io.hasTerminal = hasTerminal;
  const signalled = join(io.runtime.directory, "../signalled");
  const program = ["sh", "-c", 'until [ -e "$0" ]; do sleep 0.01; done; exit 4', signalled];
  const done = io.run("run", "box", ...allow, "--", ...program);
  await expect.poll(() => io.signalled(signal)).toBe(true);
  writeFileSync(signalled, "");
  expect(await done).toBe(status);
});
