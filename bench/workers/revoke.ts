// revoke DIRECTORY CGROUP DEVPATH: a relay that says how long it takes from reading that a device has gone until nobody in the
// container may open it.
import type { Batch, DeviceRights, Kernel } from "@uevent-bridge/kernel";
import { literal } from "@uevent-bridge/filter";
import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";

import { Gone } from "../harness/gone.js";
import { serve } from "../harness/serve.js";

const [directory = "", cgroup = "", devpath = ""] = process.argv.slice(2);
const gone = new Gone(`remove@${devpath}\0`);
const relay = await openRelay({
  kernel: timed(openLinux({ lockDirectory: `${directory}/.locks` })),
  runtimeDir: directory,
});
await relay.attach({ name: "box", allow: [literal(devpath)], deliver: { socket: true }, dev: "auto", cgroup });

await serve((count) => gone.take(count));
await relay.close();

/** The same kernel, at whose boundary the clock is read. */
function timed(kernel: Kernel): Kernel {
  return {
    ...kernel,
    openSource: ({ onBatch, ...options }) =>
      kernel.openSource({
        ...options,
        onBatch: (batch: Batch) => {
          gone.read(batch);
          onBatch(batch);
        },
      }),
    openDeviceRights: (path) => watched(kernel.openDeviceRights(path)),
  };
}

function watched(rights: DeviceRights): DeviceRights {
  const revoke = rights.revoke.bind(rights);
  rights.revoke = (number) => {
    revoke(number);
    gone.revoked();
  };
  return rights;
}
