import { describeKernel } from "@uevent-bridge/kernel/contract";

import { HEARD, OWN, useCommon } from "./world/contract-world.js";
import { makeHostWorld, makeOwnWorld } from "./world/linux-world.js";
import { isRoot } from "./world/privilege.js";

const common = useCommon();
/** Under the sanitizers all takes ten times as long, and it is the same C in both. */
const isOnce = isRoot && process.env["UEVENT_BRIDGE_SANITIZED"] !== undefined;

if (isRoot) describeKernel("Linux", (options) => Promise.resolve(makeHostWorld(common(), options)), { only: OWN });
if (!isOnce) {
  describeKernel(
    "Linux, in a network namespace of its own",
    (options) => Promise.resolve(makeOwnWorld(common(), options)),
    { only: isRoot ? HEARD : OWN }, // all else is the same as on the host, to which root has just put it
  );
}
