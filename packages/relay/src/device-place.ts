import type { DeviceDirectory, DirectoryOptions, Kernel, NoNodes, Target } from "@uevent-bridge/kernel";

import type { DeliveryChoice } from "./types.js";

/** Where a container has its devices. */
export interface DevicePlace {
  readonly directory: DeviceDirectory;
  /** Why it is not the `/dev` that it has already; undefined if that was not asked for, or it is. */
  readonly noNodes: NoNodes | undefined;
}

const REASONS: Readonly<Record<NoNodes, string>> = {
  host: "what is there is the host's too, or ours already",
  "no-devices": "a node that is made there from outside cannot be opened",
  "no-tmpfs": "that is no tmpfs",
  unknown: "that cannot be looked at",
};

/** One that runs already has them in its own `/dev`, where that can be. @param path of ours on the host @throws KernelError */
export function openDevicePlace(
  kernel: Kernel,
  path: string,
  owner: DirectoryOptions,
  running: Target | undefined,
): DevicePlace {
  const opened = running?.pid === undefined ? undefined : running.openDeviceDirectory(path, owner);
  if (typeof opened === "object") return { directory: opened, noNodes: undefined };
  return { directory: kernel.openDeviceDirectory(path, owner), noNodes: opened };
}

export function describeDevicePlace({ directory, noNodes }: DevicePlace): DeliveryChoice {
  if (directory.isShared) {
    const reason = "its own /dev takes them, and what its engine put there stays";
    return { channel: "dev", choice: "single nodes", reason };
  }
  const why = noNodes === undefined ? "" : `; it covers the container's own, as ${REASONS[noNodes]}`;
  return { channel: "dev", choice: directory.path, reason: `it has what the container may see${why}` };
}
