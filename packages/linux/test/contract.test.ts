import { describeKernel } from "@uevent-bridge/kernel/contract";

import { OWN, useCommon } from "./world/contract-world.js";
import { makeHostWorld, makeOwnWorld } from "./world/linux-world.js";
import { isRoot } from "./world/privilege.js";

const common = useCommon();

if (isRoot) describeKernel("Linux", (options) => Promise.resolve(makeHostWorld(common(), options)), { only: OWN });
describeKernel(
  "Linux, in a network namespace of its own",
  (options) => Promise.resolve(makeOwnWorld(common(), options)),
  { only: OWN },
);
