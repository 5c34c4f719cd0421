import { readdirSync } from "node:fs";
import { join } from "node:path";

import { ProcessContainer } from "../process-container.js";
import type { Rung } from "../stage.js";

const NAME = "demo0";
const PEER = "demo1";

/**
 * A pair of network devices in a network namespace of the demo's own, where it is root. The containers share that
 * namespace, since a network device is told only there: what hides it from one of them is its policy.
 */
export const veth: Rung = {
  name: "network devices in namespaces of the demo's own",
  async open(io, directory) {
    const { createVeth, deleteLink } = await import("@uevent-bridge/linux/testing");
    if (!isAlone()) return "this is the host's network namespace";
    return {
      title: `network device ${NAME} in namespaces of the demo's own`,
      kernel: await io.openKernel(join(directory, "locks")),
      device: `/devices/virtual/net/${NAME}`,
      bystander: "/devices/virtual/mem/null",
      steps: [() => createVeth(NAME, PEER), () => deleteLink(NAME)],
      start: (name, place) =>
        ProcessContainer.start({
          name,
          directory: place,
          own: ["--user", "--map-root-user", "--mount"],
          self: io.self,
        }),
      async [Symbol.asyncDispose]() {}, // the namespace goes, and all that is in it
    };
  },
};

/** True in a network namespace that has nothing but its loopback. */
function isAlone(): boolean {
  return readdirSync("/sys/class/net").join() === "lo";
}
