import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { FakeIo } from "../fake-io.js";

test("print seccomp names the path at which attach --shadow auto holds a shadow", async () => {
  using io = new FakeIo();
  expect(await io.run("print", "seccomp", "box")).toBe(0);
  const fragment: unknown = JSON.parse(io.stdout.text);
  expect(fragment).toMatchObject({
    linux: {
      seccomp: {
        defaultAction: "SCMP_ACT_ALLOW",
        listenerPath: `${io.runtime.directory}/.shadow/box`,
        syscalls: [{ names: ["socket"], action: "SCMP_ACT_NOTIFY" }],
      },
    },
  });
});

test("print shim-path names a library that is there", async () => {
  using io = new FakeIo();
  expect(await io.run("print", "shim-path")).toBe(0);
  expect(io.stdout.text).toMatch(/^\/.*\/uevent-shim\.so\n$/);
  expect(readFileSync(io.stdout.text.trim()).subarray(1, 4).toString()).toBe("ELF");
});

test("print seccomp says on stderr where it goes, so that what is printed can be written to a file", async () => {
  using io = new FakeIo();
  await io.run("print", "seccomp", "box");
  expect(io.stderr.text).toMatch(
    /^uevent-bridge: .*config\.json.*not for docker.*listenerPath.*keep its defaultAction.*\n$/,
  );
});

test.each([
  ["no name", ["seccomp"]],
  ["a name that is none", ["seccomp", "../x"]],
  ["a topic that is none", ["seccom"]],
  ["no topic", []],
])("%s: the words are wrong", async (_name, args) => {
  using io = new FakeIo();
  expect(await io.run("print", ...args)).toBe(2);
  expect(io.stderr.text).toMatch(/^uevent-bridge: .+\n {2}.+\n$/);
});
