import { KernelError } from "@uevent-bridge/kernel";
import { describe, expect, test } from "vitest";

import { cgroupFiles, confinementOf } from "../src/confinement.js";

const V2 = "35 25 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate";
const V1 = [
  "36 25 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct",
  "37 25 0:30 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices",
  "38 25 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd",
].join("\n");

describe("the cgroups that a process is to join", () => {
  test.each([
    ["none, where it is in the same", "0::/a\n", "0::/a\n", V2, []],
    ["version 2", "0::/box.scope/init\n", "0::/\n", V2, ["/sys/fs/cgroup/box.scope/init/cgroup.procs"]],
    [
      "version 1, by its controllers, and those alone in which it is elsewhere",
      "3:cpuacct,cpu:/box\n2:devices:/box/dev\n1:name=systemd:/\n",
      "3:cpuacct,cpu:/\n2:devices:/\n1:name=systemd:/\n",
      V1,
      ["/sys/fs/cgroup/cpu,cpuacct/box/cgroup.procs", "/sys/fs/cgroup/devices/box/dev/cgroup.procs"],
    ],
    [
      "where a part of the hierarchy is mounted alone",
      "0::/pod/box\n",
      "0::/pod/relay\n",
      V2.replace(" / ", " /pod "),
      ["/sys/fs/cgroup/box/cgroup.procs"],
    ],
    [
      "where paths have blanks, which are escaped there",
      "0::/a b/box\n",
      "0::/\n",
      V2.replace(" / /sys/fs/cgroup ", " /a\\040b /sys/fs/c\\040g "),
      ["/sys/fs/c g/box/cgroup.procs"],
    ],
  ])("%s", (_name, theirs, ours, mounts, files) => {
    expect(cgroupFiles(1, theirs, ours, mounts)).toEqual(files);
  });

  test.each([
    ["outside of our cgroup namespace", "0::/../box\n", V2],
    ["in a hierarchy that is not mounted", "2:devices:/box\n", V2],
    ["below a part that is not mounted", "0::/podium/box\n", V2.replace(" / ", " /pod ")],
  ])("%s they are not passed over", (_name, theirs, mounts) => {
    expect(() => cgroupFiles(1, theirs, "0::/\n", mounts)).toThrow(KernelError);
  });
});

test("what a process is held to is read of it", () => {
  const own = confinementOf(process.pid);
  expect(own).toMatchObject({ cgroups: [], oomScoreAdj: expect.stringMatching(/^-?\d+$/) as string });
  expect(own.capabilities).toBeGreaterThanOrEqual(0n);
});
