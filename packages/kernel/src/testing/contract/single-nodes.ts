import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import type { DeviceDirectory } from "../../device-directory.js";
import { deviceEntryCases, DIRECTORY, LINK, ZERO } from "./device-entries.js";
import type { Entries, Opened } from "./device-entries.js";
import { codeOf, open as openTarget, start } from "./targets.js";
import { need } from "./tools.js";
import type { TestOwnDev } from "./own-dev.js";
import type { World } from "./world.js";

const FULL = { ...ZERO, minor: 7 } as const;

/** The promises of a `DeviceDirectory` that is a container's own `/dev`. */
export function singleNodesCases(world: () => World): void {
  const openedIn = (context: TestContext, left?: Entries) => opened(context, world(), left);

  describeShared(openedIn);
  deviceEntryCases(openedIn);

  test("a network namespace without a process has none", async (context) => {
    const box = await start(context, world(), "own");
    const target = openTarget(world().kernel, { netns: box.path });
    expect(target.openDeviceDirectory("/run/test/none", { uid: 0, gid: 0 })).toBe("unknown");
  });
}

function describeShared(
  openedIn: (context: TestContext, left?: Entries) => Promise<Opened & { dev: TestOwnDev }>,
): void {
  test("what others have there stays, and is in the way unless it is as good", async (context) => {
    const { dev, directory, entries } = await openedIn(context);
    const theirs = { zero: { ...ZERO, mode: 0o600 }, full: FULL, link: LINK, net: DIRECTORY, "net/tun": ZERO };
    for (const [name, entry] of Object.entries(theirs)) await dev.change(name, entry);
    directory.put("zero", ZERO);
    directory.put("net/ours", ZERO);
    const calls = [
      () => directory.put("full", ZERO),
      () => directory.put("zero", LINK),
      () => directory.put("link", LINK),
      () => directory.put("net", ZERO),
      () => directory.put("link/it", ZERO),
    ];
    expect(calls.map(codeOf)).toEqual(calls.map(() => "PATH_UNUSABLE"));
    expect(await entries()).toEqual({ ...theirs, "net/ours": ZERO });
    for (const name of ["zero", "full", "link", "net/tun", "net/ours", "net"]) directory.remove(name);
    directory.forgetOthers();
    directory.close();
    expect(await entries()).toEqual(theirs);
  });

  test("what its root put in the place of ours stays, and what he removed is away", async (context) => {
    const { dev, directory, entries } = await openedIn(context);
    for (const name of ["removed", "exchanged", "kept", "deep/er/removed"]) directory.put(name, ZERO);
    await dev.change("removed", undefined);
    await dev.change("deep/er/removed", undefined);
    await dev.change("exchanged", undefined);
    await dev.change("exchanged", FULL);
    expect(codeOf(() => directory.put("exchanged", ZERO))).toBe("PATH_UNUSABLE");
    directory.put("removed", ZERO);
    expect(await entries()).toMatchObject({ removed: ZERO, exchanged: FULL, kept: ZERO });
    for (const name of ["removed", "exchanged", "kept", "deep/er/removed"]) directory.remove(name);
    expect(await entries()).toEqual({ exchanged: FULL });
  });

  test("of what a killed relay left is taken away what nobody has exchanged, at the close too", async (context) => {
    const { dev, directory, entries, exists } = await openedIn(context, {
      zero: ZERO,
      exchanged: ZERO,
      "a/link": LINK,
    });
    await dev.change("exchanged", undefined);
    await dev.change("exchanged", FULL);
    await dev.change("theirs", ZERO);
    directory.close();
    expect([await exists(), await entries()]).toEqual([false, { exchanged: FULL, theirs: ZERO }]);
  });
}

async function opened(
  context: TestContext,
  world: World,
  left?: Entries,
): Promise<Opened & { readonly dev: TestOwnDev }> {
  const box = await start(context, world, "initial");
  const dev = await need(context, box.ownDev).make();
  if (left) await dev.leave(left);
  const target = openTarget(world.kernel, { pid: box.pid });
  const open = (): DeviceDirectory => {
    const directory = target.openDeviceDirectory(dev.path, dev);
    if (typeof directory === "string") throw new Error(directory);
    onTestFinished(() => directory.close());
    return directory;
  };
  const entries = async (): Promise<Entries> => Object.fromEntries(await dev.entries());
  return { dev, directory: open(), open, entries, exists: () => dev.exists() };
}
