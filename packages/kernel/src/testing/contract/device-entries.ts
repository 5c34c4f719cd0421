import { expect, test } from "vitest";
import type { TestContext } from "vitest";
import type { DeviceDirectory, DeviceEntry } from "../../device-directory.js";
import { codeOf } from "./targets.js";
import type { Awaitable } from "./world.js";

export const ZERO = {
  kind: "node",
  type: "char",
  major: 1,
  minor: 5,
  mode: 0o640,
  uid: 100_000,
  gid: 100_005,
} as const;
export const LINK = { kind: "link", target: "../../zero" } as const;
export const DIRECTORY = { kind: "directory" } as const;
const SHARED = { kind: "directory", mode: 0o1777 } as const;

const NO_NAMES =
  `|/zero|zero/|.|..|../zero|a/../zero|a//b|./zero|a/./b|a\0b|\u{100}|${"x".repeat(201)}|a/b/c/d/e/f/g/h/i`.split("|");
const NAMES = ["x".repeat(200), "a/b/c/d/e/f/g/h", "\xc3\xa4", "a b", "...", "-", "*"];

export type Entries = Readonly<Record<string, DeviceEntry>>;

export interface Opened {
  readonly directory: DeviceDirectory;
  /** Opens it again. @throws KernelError */
  readonly open: () => DeviceDirectory;
  /** What a program finds there. */
  readonly entries: () => Promise<Entries>;
  /** True if something is left of it. */
  readonly exists: () => Awaitable<boolean>;
}

/** What is promised of any `DeviceDirectory`. @param opened opens one, in which is what a killed relay left */
export function deviceEntryCases(opened: (context: TestContext, left?: Entries) => Promise<Opened>): void {
  test("a node is there with its number, mode and owner, below the directories of its name", async (context) => {
    const { directory, entries } = await opened(context);
    directory.put("deep/er/zero", ZERO);
    expect(await entries()).toEqual({ deep: DIRECTORY, "deep/er": DIRECTORY, "deep/er/zero": ZERO });
  });

  test("numbers that are large are kept", async (context) => {
    const { directory, entries } = await opened(context);
    const large = { ...ZERO, type: "block", major: 4000, minor: 1_000_000 } as const;
    directory.put("large", large);
    expect(await entries()).toEqual({ large });
  });

  test("a link leads where it says, and a directory is there for what is mounted", async (context) => {
    const { directory, entries } = await opened(context);
    directory.put("disk/by-id/a", LINK);
    directory.put("pts", DIRECTORY);
    directory.put("shm", SHARED);
    expect(await entries()).toMatchObject({ "disk/by-id/a": LINK, pts: DIRECTORY, shm: SHARED });
  });

  test.for<[string, DeviceEntry, DeviceEntry]>([
    ["a node of another number", ZERO, { ...ZERO, minor: 7 }],
    ["a node with another mode", ZERO, { ...ZERO, mode: 0o600 }],
    ["a node of another owner", ZERO, { ...ZERO, uid: 0 }],
    ["a link that leads elsewhere", LINK, { kind: "link", target: "null" }],
    ["a link", ZERO, LINK],
    ["a node", LINK, ZERO],
    ["a directory", ZERO, DIRECTORY],
    ["a directory with a mode", DIRECTORY, SHARED],
  ])("%s takes a name over", async ([, before, after], context) => {
    const { directory, entries } = await opened(context);
    for (const entry of [before, after, after]) directory.put("it", entry);
    expect(await entries()).toEqual({ it: after });
  });

  test("nothing takes over the name of a directory, nor goes below what is none", async (context) => {
    const { directory, entries } = await opened(context);
    directory.put("pts", DIRECTORY);
    directory.put("zero", ZERO);
    directory.put("link", { kind: "link", target: "pts" });
    const calls = [
      ...[ZERO, LINK].map((entry) => () => directory.put("pts", entry)),
      ...["zero/it", "zero/it/it", "link/it"].map((name) => () => directory.put(name, ZERO)),
    ];
    expect(calls.map(codeOf)).toEqual(calls.map(() => "PATH_UNUSABLE"));
    expect(Object.keys(await entries()).toSorted()).toEqual(["link", "pts", "zero"]);
  });

  test("what leads elsewhere, is too long or has a NUL is no name", async (context) => {
    const { directory, entries } = await opened(context);
    const calls = NO_NAMES.flatMap((name) => [() => directory.put(name, ZERO), () => directory.remove(name)]);
    expect(calls.map(codeOf)).toEqual(calls.map(() => "PATH_UNUSABLE"));
    expect(await entries()).toEqual({});
  });

  test("names are bytes, and long, and deep", async (context) => {
    const { directory, entries } = await opened(context);
    for (const name of NAMES) {
      directory.put(name, ZERO);
      expect((await entries())[name]).toEqual(ZERO);
      directory.remove(name);
      expect(await entries()).toEqual({});
    }
  });

  test("the directories of a name go with the last that is in them; what is not there is away", async (context) => {
    const { directory, entries } = await opened(context);
    directory.put("disk/by-id/a", LINK);
    directory.put("disk/by-path/a", LINK);
    directory.remove("disk/by-id/a");
    expect(Object.keys(await entries()).toSorted()).toEqual(["disk", "disk/by-path", "disk/by-path/a"]);
    directory.remove("disk/by-path/a");
    for (const name of ["disk/by-path/a", "disk", "nowhere/at/all"]) directory.remove(name);
    expect(await entries()).toEqual({});
  });

  test("a directory that was put there stays until it is removed, and while something is in it", async (context) => {
    const { directory, entries } = await opened(context);
    directory.put("net", DIRECTORY);
    directory.put("net/tun", ZERO);
    directory.remove("net/tun");
    expect(await entries()).toEqual({ net: DIRECTORY });
    directory.put("net/tun", ZERO);
    directory.remove("net");
    expect(await entries()).toEqual({ net: DIRECTORY, "net/tun": ZERO });
    directory.remove("net/tun");
    expect(await entries()).toEqual({});
  });

  test("what a killed relay left stays until it is known what is to be there", async (context) => {
    const left = { zero: ZERO, "a/b": ZERO, "a/c": ZERO, "pts/x": ZERO, "\xc3\xa4": ZERO };
    const { directory, entries } = await opened(context, left);
    expect(Object.keys(await entries())).toHaveLength(7);
    directory.put("a/c", LINK);
    directory.put("pts", DIRECTORY);
    directory.forgetOthers();
    expect(await entries()).toEqual({ a: DIRECTORY, "a/c": LINK, pts: DIRECTORY });
  });

  test("it belongs to one at a time", async (context) => {
    const { directory, open } = await opened(context);
    expect(codeOf(open)).toBe("PATH_UNUSABLE");
    directory.close();
    open();
  });

  test("nothing is left of it when it is closed, and closing it twice is harmless", async (context) => {
    const { directory, exists, open, entries } = await opened(context);
    directory.put("a/zero", ZERO);
    directory.close();
    expect([await exists(), await entries()]).toEqual([false, {}]);
    open();
    directory.close();
    expect(codeOf(open)).toBe("PATH_UNUSABLE"); // it is the other's
    expect(await entries()).toEqual({});
  });
}
