import { closeSync, openSync } from "node:fs";

import type { NoNodes } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { codeOf } from "../errno.js";
import { O_PATH } from "../flags.js";
import { inodeOf, mountNamespaceId } from "../namespaces.js";
import { readText } from "../read-text.js";
import { orUndo } from "../undo.js";
import { identityOf } from "./dev-identity.js";
import type { DevIdentity } from "./dev-identity.js";
import type { Hand } from "./hand.js";
import { numberOf } from "./rdev.js";

/** A container's `/dev`, and what it is known by. */
export interface ContainerDev {
  readonly fd: number;
  readonly identity: DevIdentity;
}

/** Opens the `/dev` of a process, if it is in a tmpfs that the host has not mounted itself. */
export function openContainerDev(
  { addon, hand }: { readonly addon: Addon; readonly hand: Hand },
  pid: number,
): ContainerDev | NoNodes {
  const opened: number[] = [];
  try {
    const mntns = openSync(`/proc/${pid}/ns/mnt`, "r");
    opened.push(mntns);
    if (inodeOf(mntns) === inodeOf("/proc/self/ns/mnt")) return "host";
    const root = openSync(`/proc/${pid}/root`, O_PATH);
    opened.push(root);
    const fd = hand.openDev(mntns, root);
    const close = (): void => closeSync(fd);
    const identity = orUndo(() => identityOf(fd, mountNamespaceId(addon, mntns)), close);
    if (!orUndo(() => isOnHost(deviceOf(identity)), close)) return { fd, identity };
    close();
    return "host";
  } catch (error) {
    return reasonOf(error);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** MAJOR:MINOR of its file system. */
export function deviceOf({ device }: DevIdentity): string {
  const { major, minor } = numberOf(Number(device));
  return `${major}:${minor}`;
}

export function reasonOf(error: unknown): NoNodes {
  switch (codeOf(error)) {
    case "ENOTSUP":
      return "no-tmpfs";
    case "EACCES":
    case "EPERM":
    case "EOVERFLOW":
    case "EROFS":
      return "no-devices";
    case undefined:
      throw error;
    default:
      return "unknown";
  }
}

/** Whether a file system is mounted where we are too. */
function isOnHost(device: string): boolean {
  return readText("/proc/self/mountinfo")
    .split("\n")
    .some((line) => line.split(" ", 3)[2] === device);
}
