import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";

import { openLinux } from "@uevent-bridge/linux";
import { expect, test } from "vitest";

const kernel = openLinux();

test("exactly the directories with a uevent file and a subsystem link are found, with what is in them", async () => {
  const found = await kernel.devices.enumerate();
  const wanted = [...walk("/sys/devices")].filter(
    (path) => lstat(join(path, "subsystem")) && existsSync(join(path, "uevent")),
  );
  const paths = found.map(({ devpath }) => `/sys${devpath}`);
  expect(paths.filter(isLasting).sort()).toEqual(wanted.filter(isLasting).sort());
  const lasting = found.filter(({ devpath }) => isLasting(`/sys${devpath}`));
  for (const { devpath, subsystem, uevent, incarnation } of lasting.slice(0, 100)) {
    const path = `/sys${devpath}`;
    expect(basename(readlinkSync(join(path, "subsystem")))).toBe(subsystem);
    expect(Buffer.from(uevent).toString()).toBe(readFileSync(join(path, "uevent"), "latin1"));
    expect(lstatSync(path, { bigint: true }).ino.toString()).toBe(incarnation);
  }
});

test("a device found once can be kept: it holds no memory of the others", async () => {
  const [first] = await kernel.devices.enumerate();
  expect(first?.uevent.buffer.byteLength).toBe(first?.uevent.length);
});

test("the host's tree opens again after it was closed", () => {
  kernel.devices.close();
  expect(kernel.devices.isSubsystem("block")).toBe(true);
  kernel.devices.close();
});

test("a sysfs that is none is said", async () => {
  const { devices } = openLinux({ sysfs: "/nowhere" });
  await expect(devices.enumerate()).rejects.toThrow(/ENOENT/);
});

function* walk(path: string): Generator<string> {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (!entry.isDirectory() || !isLasting(below)) continue;
    yield below;
    yield* walk(below);
  }
}

function lstat(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Other tests make and remove the others meanwhile. */
function isLasting(path: string): boolean {
  return !/\/devices\/virtual\/(block|bdi|net)\//.test(path);
}
