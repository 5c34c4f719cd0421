import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import type { DeviceDirectory } from "../../device-directory.js";
import { deviceEntryCases, ZERO } from "./device-entries.js";
import type { Entries, Opened } from "./device-entries.js";
import { need } from "./tools.js";
import type { TestDev, World } from "./world.js";

/** The promises of a `DeviceDirectory` of ours. */
export function deviceDirectoryCases(world: () => World): void {
  deviceEntryCases((context, left) => opened(context, world(), left));

  test("it stays, with what is in it, while a container has it", async (context) => {
    const { directory, dev, open, entries } = await opened(context, world());
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

async function opened(
  context: TestContext,
  { kernel, dev: ability }: World,
  left?: Entries,
): Promise<Opened & { readonly dev: TestDev }> {
  const dev = need(context, ability);
  if (left) await dev.leave(left);
  const open = (): DeviceDirectory => {
    const directory = kernel.openDeviceDirectory(dev.path, dev);
    onTestFinished(() => directory.close());
    return directory;
  };
  const directory = open();
  const entries = async (): Promise<Entries> => Object.fromEntries(await dev.entries(directory));
  return { dev, directory, open, entries, exists: () => dev.exists() };
}
