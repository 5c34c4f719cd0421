import type { TestCgroup } from "@uevent-bridge/kernel/contract";
import type { FakeCgroup, FakeKernel } from "@uevent-bridge/kernel/testing";

/** A cgroup of a FakeKernel, as the contract has it. */
export function fakeCgroup(fake: FakeKernel, { path }: FakeCgroup): TestCgroup {
  return {
    path,
    shared: "/sys/fs/cgroup",
    allow: (...lines) => fake.cgroup(path).allow(...lines),
    restrict: (...lines) => fake.cgroup(path).restrict(...lines),
    mayOpen: (line) => fake.cgroup(path).mayOpen(line),
    leave(...granted) {
      const rights = fake.openDeviceRights(path);
      for (const [number, access] of granted) rights.grant(number, access);
      rights.forgetOthers();
      fake.kill();
    },
    isFrozen: () => fake.cgroup(path).isFrozen,
    freeze: (isFrozen) => (isFrozen ? fake.cgroup(path).freeze() : fake.cgroup(path).thaw()),
    remove: () => fake.cgroup(path).remove(),
  };
}
