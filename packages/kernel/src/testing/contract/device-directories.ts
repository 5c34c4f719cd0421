import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import type { DeviceDirectory, DeviceEntry } from "../../device-directory.js";
import { codeOf } from "./targets.js";
import { need } from "./tools.js";
import type { TestDev, World } from "./world.js";

const ZERO = { kind: "node", type: "char", major: 1, minor: 5, mode: 0o640, uid: 100_000, gid: 100_005 } as const;
const LINK = { kind: "link", target: "../../zero" } as const;
const DIRECTORY = { kind: "directory" } as const;
const SHARED = { kind: "directory", mode: 0o1777 } as const;

/** The promises of `DeviceDirectory`. */
export function deviceDirectoryCases(world: () => World): void {
  test("a node is there with its number, mode and owner, below the directories of its name", async (context) => {
    const { directory, entries } = opened(context, world());
    directory.put("deep/er/zero", ZERO);
    expect(await entries()).toEqual({ deep: DIRECTORY, "deep/er": DIRECTORY, "deep/er/zero": ZERO });
  });

  test("numbers that are large are kept", async (context) => {
    const { directory, entries } = opened(context, world());
    const large = { ...ZERO, type: "block", major: 4000, minor: 1_000_000 } as const;
    directory.put("large", large);
    expect(await entries()).toEqual({ large });
  });

  test("a link leads where it says, and a directory is there for what is mounted", async (context) => {
    const { directory, entries } = opened(context, world());
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
    const { directory, entries } = opened(context, world());
    for (const entry of [before, after, after]) directory.put("it", entry);
    expect(await entries()).toEqual({ it: after });
  });

  test("nothing takes over the name of a directory, nor goes below what is none", async (context) => {
    const { directory, entries } = opened(context, world());
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

  test.for([
    "",
    "/zero",
    "zero/",
    ".",
    "..",
    "../zero",
    "a/../zero",
    "a//b",
    "./zero",
    "a/./b",
    "a\0b",
    "\u{100}",
    "x".repeat(201),
    "a/b/c/d/e/f/g/h/i",
  ])("%j is no name", async (name, context) => {
    const { directory, entries } = opened(context, world());
    expect(codeOf(() => directory.put(name, ZERO))).toBe("PATH_UNUSABLE");
    expect(codeOf(() => directory.remove(name))).toBe("PATH_UNUSABLE");
    expect(await entries()).toEqual({});
  });

  test.for(["x".repeat(200), "a/b/c/d/e/f/g/h", "\xc3\xa4", "a b", "...", "-", "*"])(
    "%j is one",
    async (name, context) => {
      const { directory, entries } = opened(context, world());
      directory.put(name, ZERO);
      expect((await entries())[name]).toEqual(ZERO);
      directory.remove(name);
      expect(await entries()).toEqual({});
    },
  );

  test("the directories of a name go with the last that is in them; what is not there is away", async (context) => {
    const { directory, entries } = opened(context, world());
    directory.put("disk/by-id/a", LINK);
    directory.put("disk/by-path/a", LINK);
    directory.remove("disk/by-id/a");
    expect(Object.keys(await entries()).toSorted()).toEqual(["disk", "disk/by-path", "disk/by-path/a"]);
    directory.remove("disk/by-path/a");
    for (const name of ["disk/by-path/a", "disk", "nowhere/at/all"]) directory.remove(name);
    expect(await entries()).toEqual({});
  });

  test("a directory that was put there stays until it is removed, and while something is in it", async (context) => {
    const { directory, entries } = opened(context, world());
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
    const dev = need(context, world().dev);
    await dev.leave({ zero: ZERO, "a/b": ZERO, "a/c": ZERO, "pts/x": ZERO, "\xc3\xa4": ZERO });
    const { directory, entries } = opened(context, world());
    expect(Object.keys(await entries())).toHaveLength(7);
    directory.put("a/c", LINK);
    directory.put("pts", DIRECTORY);
    directory.forgetOthers();
    expect(await entries()).toEqual({ a: DIRECTORY, "a/c": LINK, pts: DIRECTORY });
  });

  test("it belongs to one at a time", (context) => {
    const { directory, dev, open } = opened(context, world());
    expect(codeOf(() => world().kernel.openDeviceDirectory(dev.path, dev))).toBe("PATH_UNUSABLE");
    directory.close();
    open();
  });

  test("nothing is left of it when it is closed, and closing it twice is harmless", async (context) => {
    const { directory, dev, open, entries } = opened(context, world());
    directory.put("a/zero", ZERO);
    directory.close();
    expect(await dev.exists()).toBe(false);
    open();
    directory.close();
    expect(codeOf(() => world().kernel.openDeviceDirectory(dev.path, dev))).toBe("PATH_UNUSABLE"); // it is the other's
    expect(await entries()).toEqual({});
  });

  test("it stays, with what is in it, while a container has it", async (context) => {
    const { directory, dev, open, entries } = opened(context, world());
    directory.put("zero", ZERO);
    await dev.bind(directory);
    directory.close();
    expect([await dev.exists(), await entries()]).toEqual([true, { zero: ZERO }]);
    const next = open();
    expect(next.path).toBe(directory.path);
    next.forgetOthers();
    next.put("one", ZERO);
    expect(await entries()).toEqual({ one: ZERO });
  });
}

interface Opened {
  readonly dev: TestDev;
  readonly directory: DeviceDirectory;
  /** Opens it again. */
  readonly open: () => DeviceDirectory;
  readonly entries: () => Promise<Readonly<Record<string, DeviceEntry>>>;
}

function opened(context: TestContext, { kernel, dev: ability }: World): Opened {
  const dev = need(context, ability);
  const open = (): DeviceDirectory => {
    const directory = kernel.openDeviceDirectory(dev.path, dev);
    onTestFinished(() => directory.close());
    return directory;
  };
  const directory = open();
  return { dev, directory, open, entries: async () => Object.fromEntries(await dev.entries(directory)) };
}
