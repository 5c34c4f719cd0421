import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { describe, expect, test, vi } from "vitest";

import { BridgeError, formatRule, listen, literal, openRelay, parseRule } from "../src/index.js";
import * as testing from "../src/testing/index.js";
import { LOOP0, smallMachine } from "./machine.js";

test("a relay on the kernel that is handed in", async () => {
  await using relay = await openRelay({ kernel: smallMachine() });
  expect((await relay.devices({ allow: ["devname=loop0"] })).map(({ devpath }) => devpath)).toEqual([LOOP0]);
});

test("an abort closes the relay", async () => {
  const ending = new AbortController();
  const relay = await openRelay({ kernel: new FakeKernel(), signal: ending.signal });
  ending.abort();
  await expect(relay.list()).rejects.toMatchObject({ code: "CLOSED" });
});

test("the testing entry has the fake", () => {
  expect(testing.FakeKernel).toBe(FakeKernel);
});

describe("rules", () => {
  test("parse and format are inverses", () => {
    expect(formatRule(parseRule("subsystem=block,devname=sd*"))).toBe("subsystem=block,devname=sd*");
    expect(parseRule(formatRule({ devname: literal("a,b*") }))).toEqual({ devname: literal("a,b*") });
  });

  test.each([
    ["an unknown term", () => parseRule("subsytem=block"), { code: "RULE_UNKNOWN_TERM", at: { offset: 0, length: 8 } }],
    ["a preset that is none", () => parseRule("preset=bas"), { code: "RULE_UNKNOWN_PRESET" }],
    ["an object that is no rule", () => formatRule({}), { code: "RULE_SYNTAX" }],
  ])("%s is a BridgeError with its code", (_name, use, expected) => {
    let thrown: unknown;
    try {
      use();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(BridgeError);
    expect(thrown).toMatchObject({ ...expected, remedy: expect.stringMatching(/./) as string });
  });
});

describe("listen", () => {
  test("in a directory that is not there: PATH_UNUSABLE", async () => {
    await expect(listen({ dir: "/no/such" })).rejects.toMatchObject({ name: "BridgeError", code: "PATH_UNUSABLE" });
  });

  test("without the optional package says how to install it", async () => {
    vi.doMock("@uevent-bridge/listener", () => {
      throw new Error("not installed");
    });
    try {
      await expect(listen()).rejects.toMatchObject({
        code: "ADDON_MISSING",
        remedy: expect.stringContaining("npm install") as string,
      });
    } finally {
      vi.doUnmock("@uevent-bridge/listener");
    }
  });
});
