import type { Kernel, Reader, Target } from "@uevent-bridge/kernel";

import { note, ok } from "./finding.js";
import type { Finding } from "./finding.js";

const NETNS = "netns";
const INJECTION = "netlink";

/** Whose network namespace a process has, what follows from that, and may we say events there? @throws KernelError */
export function checkTarget(kernel: Kernel, pid: number): Finding[] {
  const target = kernel.openTarget({ pid });
  try {
    return [ok("target", `process ${pid} is there`), ...ownership(target)];
  } finally {
    target.close();
  }
}

function ownership(target: Target): Finding[] {
  const netns = `net:[${target.netns}]`;
  if (target.sharesHostNetns) {
    return [
      note(NETNS, `it shares the host's network namespace (${netns}): it hears every event of the host`, UNFILTERED),
    ];
  }
  if (target.ownedByInitialUserns) {
    const owner = `the initial user namespace owns its network namespace (${netns}): it hears every event of the host`;
    return [note(NETNS, owner, UNFILTERED)];
  }
  const { uid, gid } = target.root;
  const owner = `its own user namespace owns its network namespace (${netns}); its root is ${uid}:${gid} here`;
  return [ok(NETNS, `${owner}. It hears no events but those that a relay says there`), ...injection(target)];
}

const UNFILTERED = "To filter, give it a user namespace of its own, or let its programs listen on sockets.";

function injection(target: Target): Finding[] {
  const injector = target.openInjector("kernel");
  try {
    return [
      ok(INJECTION, "events can be said in its network namespace"),
      ...injector.readers().map(describeReader),
      ...silence(injector.readers()),
    ];
  } finally {
    injector.close();
  }
}

function describeReader({ inode, rmem, drops }: Reader): Finding {
  if (drops === 0) return ok("reader", `socket ${inode} listens there, ${rmem} bytes wait`);
  return note(
    "reader",
    `socket ${inode} listens there and lost ${drops} events`,
    "Its program reads too slowly or its buffer is too small.",
  );
}

function silence(readers: readonly Reader[]): Finding[] {
  if (readers.length > 0) return [];
  return [
    note(
      "reader",
      "nobody listens to the kernel's events there now",
      "Start its udevd or mdev, or listen on a socket.",
    ),
  ];
}
