// touch DIRECTORY CGROUP DEVPATH: grants a container a device and revokes it, as users do: its rights, the node in its /dev, and an
// event to a listener.
import { openLinux } from "@uevent-bridge/linux";
import { openRelay } from "@uevent-bridge/relay";

import { serve } from "../harness/serve.js";

const [directory = "", cgroup = "", devpath = ""] = process.argv.slice(2);
const kernel = openLinux({ lockDirectory: `${directory}/.locks` });
const relay = await openRelay({ kernel, runtimeDir: directory });
const container = await relay.attach({ name: "box", deliver: { socket: true }, dev: "auto", cgroup });

await serve(async (wanted) => {
  let count = 0;
  for (; count < wanted; count++) {
    await container.grant(devpath);
    await container.revoke(devpath);
  }
  return { count, sum: 0 };
});
await relay.close();
