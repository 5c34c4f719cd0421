import { describeKernel } from "@uevent-bridge/kernel/contract";
import { describe } from "vitest";

import { cgroupsOf } from "../src/rights/cgroups.js";
import { useCommon, VIEW } from "./world/contract-world.js";
import { makeHostWorld, makeOwnWorld } from "./world/linux-world.js";
import { isRoot } from "./world/privilege.js";

const common = useCommon();
const makeWorld = isRoot ? makeHostWorld : makeOwnWorld;

describeKernel("Linux", (options) => Promise.resolve(makeWorld(common(), options)), { only: VIEW });
describe.runIf(isRoot && cgroupsOf(process.pid).devices !== undefined)(
  "where cgroup v1 says what may be opened",
  () => {
    describeKernel("Linux", (options) => Promise.resolve(makeHostWorld(common(), options, "devices")), {
      only: ["device rights"],
    });
  },
);
