import type { FakeContainer, FakeKernel } from "@uevent-bridge/kernel/testing";
import type { TestOwnDev } from "@uevent-bridge/kernel/contract";

const DEV = "/run/test/own.dev";
const OWNER = { uid: 0, gid: 0 };

/** The `/dev` that a fake container's engine made. */
export function fakeOwnDev(fake: FakeKernel, { pid, ownDev: { entries, made } }: FakeContainer): TestOwnDev {
  return {
    path: DEV,
    ...OWNER,
    entries: () => entries,
    exists: () => made.size > 0,
    change: (name, entry) => void (entry ? entries.set(name, entry) : entries.delete(name)),
    leave(left) {
      const directory = fake.openTarget({ pid }).openDeviceDirectory(DEV, OWNER);
      if (typeof directory === "string") throw new Error(directory);
      for (const [name, entry] of Object.entries(left)) directory.put(name, entry);
      fake.kill();
    },
  };
}
