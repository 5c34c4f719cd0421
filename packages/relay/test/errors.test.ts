import { readFileSync } from "node:fs";

import { FakeKernel } from "@uevent-bridge/kernel/testing";
import { BridgeError, asBridgeError, openRelay } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

import { rejection } from "./state-stage.js";

test("what the system refuses is an error of ours, with its words, a remedy and the cause", () => {
  const cause = Object.assign(new Error("EMFILE: too many open files, open '/x'"), { code: "EMFILE", syscall: "open" });
  expect(asBridgeError(cause)).toMatchObject({
    name: "BridgeError",
    code: "SYSTEM_REFUSED",
    message: expect.stringContaining("EMFILE: too many open files, open '/x'") as unknown,
    remedy: expect.stringContaining("limit of open files") as unknown,
    cause: { cause },
  });
});

test("what Node says of its own use stays what it is", () => {
  const error = errorOf(() => readFileSync(Number.NaN));
  expect(asBridgeError(error)).toBe(error);
});

test("where the kernel refuses what attach needs, that is what attach says", async () => {
  const kernel = new FakeKernel();
  const relay = await openRelay({ kernel, runtimeDir: "/run/relay" });
  kernel.openDirectory = () => {
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
  };
  const error = await rejection(relay.attach({ name: "box", allow: [] }));
  expect(error).toBeInstanceOf(BridgeError);
  expect(error).toMatchObject({ code: "SYSTEM_REFUSED", remedy: expect.stringContaining("make room") as unknown });
  await relay.close();
});

function errorOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
