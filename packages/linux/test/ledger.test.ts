import { execFileSync } from "node:child_process";
import fs, { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";

import type { Ledger, LedgerText } from "@uevent-bridge/kernel";
import { openLinux } from "@uevent-bridge/linux";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { needs } from "../../../test/needs.js";
import { temporaryDirectory } from "../../../test/real/temporary.js";

const kernel = openLinux();
let place: ReturnType<typeof temporaryDirectory>;
let path: string;

beforeEach(() => {
  place = temporaryDirectory();
  path = join(place.path, "told", "box");
  write("base", "one", "two");
});
afterEach(() => place[Symbol.dispose]());

/** One that was closed with this in it. */
function write(base: string, ...records: readonly string[]): void {
  const ledger = kernel.openLedger(path);
  ledger.begin(Buffer.from(base));
  for (const record of records) ledger.write(Buffer.from(record));
  ledger.close(true);
}

function readAgain(): readonly string[] | Ledger["before"] {
  const ledger = kernel.openLedger(path);
  const { before } = ledger;
  ledger.close(true);
  return typeof before === "object" ? textsOf(before) : before;
}

function textsOf({ base, entries }: LedgerText): readonly string[] {
  return [base, ...entries].map((each) => (each instanceof Uint8Array ? Buffer.from(each).toString() : "sent"));
}

function change(file: string, change: (bytes: Buffer) => Buffer | void): void {
  const bytes = readFileSync(file);
  writeFileSync(file, change(bytes) ?? bytes);
}

test("one that could not begin anew leaves nothing beside it, and lets go of its file", () => {
  const ledger = kernel.openLedger(path);
  rmSync(path);
  mkdirSync(join(path, "full"), { recursive: true }); // which nothing can be renamed to
  expect(() => ledger.begin(Buffer.from("base"))).toThrow(/cannot be written down/);
  ledger.close(true);
  expect(readdirSync(join(place.path, "told"))).toEqual(["box", "box.sent"]);
});

test("what the system does not let it read is tried once more, and then said", () => {
  const ledger = kernel.openLedger(path);
  ledger.begin(Buffer.from("base"));
  const failing = vi.spyOn(fs, "readSync").mockImplementation(() => {
    throw Object.assign(new Error("ENOMEM: not enough memory, read"), { code: "ENOMEM" });
  });
  syncBuiltinESMExports();
  try {
    expect(() => ledger.read()).toThrow(`what is told cannot be written down in ${path}`);
    expect(failing).toHaveBeenCalledTimes(2);
  } finally {
    failing.mockRestore();
    syncBuiltinESMExports();
  }
  expect(ledger.read()).toEqual([]);
  ledger.close(true);
});

test("it is found as it was left", () => expect(readAgain()).toEqual(["base", "one", "two"]));

test.each<readonly [string, (bytes: Buffer) => Buffer | void]>([
  ["has another byte", (bytes) => void bytes.write("B", bytes.length - 4)],
  ["lacks its end", (bytes) => bytes.subarray(0, -1)],
  ["has more at its end", (bytes) => Buffer.concat([bytes, Buffer.from("x")])],
  ["is something else", () => Buffer.from("something else\n")],
  ["is empty", () => Buffer.alloc(0)],
])("a base that %s is damaged, and set aside", (_, damage) => {
  change(path, damage);
  const damaged = readFileSync(path);
  expect(readAgain()).toBe("damaged");
  expect(readFileSync(`${path}.damaged`)).toEqual(damaged);
  expect(readAgain()).toBeUndefined();
});

test.each<readonly [string, (bytes: Buffer) => Buffer | void]>([
  ["that ends behind the file", (bytes) => void bytes.writeUInt32LE(bytes.length + 8, 8)],
  ["that ends in its header", (bytes) => void bytes.writeUInt32LE(8, 8)],
  ["with a block of no kind", (bytes) => void bytes.writeUInt32LE(3, 16)],
  ["with a block that is too long", (bytes) => void bytes.writeUInt32LE(0xffff_fff0, 20)],
  ["that says that half a datagram was sent", (bytes) => void bytes.writeUInt32LE(2, 16)],
  ["of another generation", (bytes) => void bytes.writeUInt32LE(7, 4)],
  ["that is cut", (bytes) => bytes.subarray(0, 20)],
])("what followed %s is damaged", (_, damage) => {
  change(`${path}.sent`, damage);
  expect(readAgain()).toBe("damaged");
});

test("what followed a base that was replaced meanwhile is in that one", () => {
  const before = readFileSync(`${path}.sent`);
  write("next", "three");
  writeFileSync(`${path}.sent`, before); // as if the relay had been killed before it began anew
  expect(readAgain()).toEqual(["next"]);
});

test("what a later version wrote says nothing", () => {
  change(path, (bytes) => Buffer.from(bytes.toString("latin1").replace("ledger 2 ", "ledger 3 "), "latin1"));
  expect(readAgain()).toBeUndefined();
  expect(readdirSync(join(place.path, "told"))).toContain("box");
});

test("one that a relay left some time ago says what it said then", () => {
  for (const suffix of ["", ".sent"]) cpSync(join(import.meta.dirname, `kept/ledger-2${suffix}`), `${path}${suffix}`);
  const ledger = kernel.openLedger(path);
  expect(ledger.before).toEqual({
    base: Buffer.from("base"),
    entries: [
      Buffer.from("one"),
      { outlet: 1, seq: 7, note: 3, at: 11 },
      { outlet: 2, seq: 2 ** 32, note: -5, at: 2 ** 32 + 1 },
      Buffer.from("a record of other lengths"),
    ],
  });
  ledger.close(false);
});

test("what was spoilt is not believed", () => {
  const ledger = kernel.openLedger(path);
  ledger.begin(Buffer.from("base"));
  ledger.write(new Uint8Array(ledger.room));
  ledger.close(true);
  expect(readAgain()).toBe("damaged");
});

test.each(["", ".sent"])("PATH%s may be no symlink", (suffix) => {
  const link = join(place.path, "link");
  symlinkSync(join(place.path, "elsewhere"), `${link}${suffix}`);
  expect(() => {
    const ledger = kernel.openLedger(link);
    ledger.close(false);
  }).toThrow(expect.objectContaining({ code: "PATH_UNUSABLE" }));
});

describe("where there is no room", needs("root"), () => {
  test("it is refused, and says where and why", () => {
    const full = join(place.path, "full");
    mkdirSync(full);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", full]);
    try {
      const ledger = kernel.openLedger(join(full, "box"));
      expect(() => ledger.begin(Buffer.from("base"))).toThrow(
        expect.objectContaining({ code: "PATH_UNUSABLE", cause: expect.objectContaining({ code: "ENOSPC" }) as Error }),
      );
      ledger.close(false);
      expect(readdirSync(full)).toEqual([]);
    } finally {
      execFileSync("umount", [full]);
    }
  });
});
