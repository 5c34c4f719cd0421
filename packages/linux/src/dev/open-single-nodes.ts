import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

import type { DeviceDirectory, DirectoryOptions, NoNodes } from "@uevent-bridge/kernel";

import { leaveDirectory, openOwnDirectory } from "../directory-open.js";
import { codeOf } from "../errno.js";
import { noProcess } from "../errors.js";
import { O_PATH } from "../flags.js";
import { inodeOf, mountNamespaceId } from "../namespaces.js";
import { isMounted } from "../own-mount.js";
import type { Place } from "../place.js";
import { orUndo } from "../undo.js";
import { openDeviceDirectory } from "./device-directory.js";
import type { DeviceDirectoryTools } from "./device-directory.js";
import { MadeNote } from "./made-note.js";
import { numberOf } from "./rdev.js";
import { clearWorkshop, SingleNodes } from "./single-nodes.js";
import type { SingleNodesParts } from "./single-nodes.js";

const NULL = { mode: constants.S_IFCHR | 0o600, major: 1, minor: 3 };

/** A container's `/dev`, and what it is known by. */
interface Dev {
  readonly fd: number;
  readonly where: string;
}

/**
 * Opens the `/dev` of a process for single nodes, if it takes any.
 * @param path a directory of the host, for the note of what was made @throws KernelError PATH_UNUSABLE, KERNEL_TOO_OLD, TARGET_GONE
 */
export function openSingleNodes(
  tools: DeviceDirectoryTools,
  { pid, pidfd }: Pick<Place, "pid" | "pidfd">,
  path: string,
  owner: DirectoryOptions,
): DeviceDirectory | NoNodes {
  const { addon, hand } = tools;
  hand.hold();
  const done = (result: DeviceDirectory | NoNodes): DeviceDirectory | NoNodes => {
    if (typeof result === "string") hand.letGo();
    return result;
  };
  return orUndo(
    () => {
      const dev = openDev(tools, pid);
      if (addon.processHasEnded(pidfd) !== 0) {
        if (typeof dev === "object") closeSync(dev.fd); // it may be another's, which has its number now
        throw noProcess(pid, `process ${pid} has ended`);
      }
      return done(typeof dev === "string" ? dev : openIn(tools, dev, pid, path, owner));
    },
    () => hand.letGo(),
  );
}

function openDev({ addon, hand }: DeviceDirectoryTools, pid: number): Dev | NoNodes {
  const opened: number[] = [];
  try {
    const mntns = openSync(`/proc/${pid}/ns/mnt`, "r");
    opened.push(mntns);
    if (inodeOf(mntns) === inodeOf("/proc/self/ns/mnt")) return "host";
    const root = openSync(`/proc/${pid}/root`, O_PATH);
    opened.push(root);
    const fd = hand.openDev(mntns, root);
    const { dev, ino } = fstatSync(fd, { bigint: true });
    const where = `${mountNamespaceId(addon, mntns)} ${dev} ${ino}`;
    if (!isOnHost(Number(dev))) return { fd, where };
    closeSync(fd);
    return "host";
  } catch (error) {
    return reasonOf(error);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

function reasonOf(error: unknown): NoNodes {
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
function isOnHost(dev: number): boolean {
  const { major, minor } = numberOf(dev);
  return readFileSync("/proc/self/mountinfo", "latin1")
    .split("\n")
    .some((line) => line.split(" ", 3)[2] === `${major}:${minor}`);
}

function openIn(
  tools: DeviceDirectoryTools,
  { fd: dev, where }: Dev,
  pid: number,
  path: string,
  owner: DirectoryOptions,
): DeviceDirectory | NoNodes {
  const parts = orUndo(
    () => openParts(tools, { fd: dev, where }, pid, path, owner),
    () => closeSync(dev),
  );
  const problem = orUndo(
    () => tryIt(parts),
    () => leave(parts),
  );
  if (problem === undefined) return new SingleNodes(parts);
  leave(parts);
  return problem;
}

function openParts(
  tools: DeviceDirectoryTools,
  { fd: dev, where }: Dev,
  pid: number,
  path: string,
  owner: DirectoryOptions,
): SingleNodesParts {
  if (isMountedAt(path, owner)) openDeviceDirectory(tools, path, owner).close(); // left by one that was killed, of another container
  const { opened: home, lock } = tools.locks.open(path, owner);
  const note = orUndo(
    () => new MadeNote(home.fd, where),
    () => lock.release(leaveDirectory(home)),
  );
  return { path: `/proc/${pid}/root/dev`, hand: tools.hand, dev, note, home, lock };
}

function isMountedAt(path: string, owner: DirectoryOptions): boolean {
  const home = openOwnDirectory(path, owner);
  try {
    return isMounted(home.fd);
  } finally {
    leaveDirectory(home);
  }
}

/** Only who makes a node and opens it knows whether that can be done: no flag says so of a user namespace's tmpfs. */
function tryIt({ hand, dev, note: { workshop } }: SingleNodesParts): NoNodes | undefined {
  try {
    clearWorkshop(hand, dev, workshop); // of one that was killed
    const inode = hand.make(dev, workshop, NULL);
    try {
      hand.tryToOpen(dev, workshop, inode);
    } finally {
      hand.remove(dev, workshop, inode);
    }
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function leave({ dev, note, home, lock }: SingleNodesParts): void {
  closeSync(dev);
  note.close();
  lock.release(leaveDirectory(home));
}
