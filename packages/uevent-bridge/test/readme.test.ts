import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ListenerErrorCode } from "@uevent-bridge/listener";
import type { ErrorCode } from "@uevent-bridge/relay";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

const examples = ["README.md", "packages/uevent-bridge/README.md"].flatMap((file) => {
  const blocks = readFileSync(join(ROOT, file), "utf8").matchAll(/^```js\n(.*?)^```/gms);
  return [...blocks].map(([, code = ""], i) => ({ name: `${file}, example ${i + 1}`, code }));
});

test.each(examples)("$name prints what it says", ({ code }) => {
  const runtime = mkdtempSync(join(tmpdir(), "uevent-bridge-readme-"));
  try {
    const unique = code.replaceAll('"box"', `"box-${process.pid}"`); // other tests may run the same example
    const options = { cwd: ROOT, encoding: "utf8", env: { ...process.env, XDG_RUNTIME_DIR: runtime } } as const;
    const result = spawnSync(process.execPath, ["--input-type=module", "--eval", unique], options);
    const promised = [...code.matchAll(/\/\/ prints (.*)$/gm)].map(([, line]) => `${line}\n`).join("");
    expect(result).toMatchObject({ status: 0, stderr: "", stdout: promised });
  } finally {
    rmSync(runtime, { recursive: true });
  }
});

test("docs/errors.md has a row for each code", () => {
  const codes = {
    RULE_SYNTAX: 1,
    RULE_UNKNOWN_TERM: 1,
    RULE_UNKNOWN_PRESET: 1,
    POLICY_CONFLICT: 1,
    NAME_INVALID: 1,
    NAME_TAKEN: 1,
    TARGET_GONE: 1,
    TARGET_NO_NETNS: 1,
    TARGET_SHARES_HOST: 1,
    NO_PRIVILEGE: 1,
    HELD: 1,
    KERNEL_TOO_OLD: 1,
    MAP_FULL: 1,
    ID_UNMAPPED: 1,
    ADDON_MISSING: 1,
    PATH_UNUSABLE: 1,
    EVENT_TOO_LONG: 1,
    VERSION_MISMATCH: 1,
    STATE_DAMAGED: 1,
    CLOSED: 1,
    SYSTEM_REFUSED: 1,
  } satisfies Record<ErrorCode | ListenerErrorCode, 1>; // a code that is not here does not compile
  const rows = readFileSync(join(ROOT, "docs/errors.md"), "utf8").matchAll(/^\| `([A-Z_]+)`/gm);
  expect(new Set([...rows].map(([, code]) => code))).toEqual(new Set(Object.keys(codes)));
});
