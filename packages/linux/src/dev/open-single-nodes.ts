import { closeSync, constants } from "node:fs";

import type { DeviceDirectory, DirectoryOptions, NoNodes } from "@uevent-bridge/kernel";

import { leaveLocked } from "../directory-lock.js";
import type { LockedDirectory } from "../directory-lock.js";
import { leaveDirectory, openOwnDirectory } from "../directory-open.js";
import { noProcess } from "../errors.js";
import { isMounted } from "../own-mount.js";
import type { Place } from "../place.js";
import { held } from "../place-refusal.js";
import { PlacedNote } from "../placed-note.js";
import { doEach, orUndo } from "../undo.js";
import { openContainerDev, reasonOf } from "./container-dev.js";
import type { ContainerDev } from "./container-dev.js";
import type { DevIdentity } from "./dev-identity.js";
import { openDeviceDirectory } from "./device-directory.js";
import type { DeviceDirectoryTools } from "./device-directory.js";
import { settleNotes } from "./left-notes.js";
import { MadeNote } from "./made-note.js";
import { SingleNodes } from "./single-nodes.js";
import type { SingleNodesParts } from "./single-nodes.js";
import { makeAside } from "./workshop.js";

const NULL = { mode: constants.S_IFCHR | 0o600, major: 1, minor: 3 };

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
      const dev = openContainerDev(tools, pid);
      if (addon.processHasEnded(pidfd) !== 0) {
        if (typeof dev === "object") closeSync(dev.fd); // it may be another's, which has its number now
        throw noProcess(pid, `process ${pid} has ended`);
      }
      return done(typeof dev === "string" ? dev : openIn(tools, dev, pid, path, owner));
    },
    () => hand.letGo(),
  );
}

function openIn(
  tools: DeviceDirectoryTools,
  { fd: dev, identity }: ContainerDev,
  pid: number,
  path: string,
  owner: DirectoryOptions,
): DeviceDirectory | NoNodes {
  const parts = orUndo(
    () => openParts(tools, { fd: dev, identity }, pid, path, owner),
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
  { fd: dev, identity }: ContainerDev,
  pid: number,
  path: string,
  owner: DirectoryOptions,
): SingleNodesParts {
  if (isMountedAt(path, owner)) openDeviceDirectory(tools, path, owner).close(); // left by one that was killed, of another container
  const { opened: home, lock } = tools.locks.open(path, owner);
  const note = orUndo(
    () => {
      claim({ opened: home, lock }, pid, identity);
      return openNote(tools, home.fd, identity);
    },
    () => leaveLocked({ opened: home, lock }),
  );
  return { path: `/proc/${pid}/root/dev`, hand: tools.hand, dev, note, home, lock };
}

/** @throws KernelError PATH_UNUSABLE: it has some, or one that covers it, by another name */
function claim(locked: LockedDirectory, pid: number, { mntns }: DevIdentity): void {
  const other = new PlacedNote(locked).claim("/dev", mntns);
  if (other) throw held(pid, "/dev", other);
}

function openNote(tools: DeviceDirectoryTools, home: number, identity: DevIdentity): MadeNote {
  settleNotes(tools, home, identity);
  return new MadeNote(home, identity);
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
function tryIt({ hand, dev, note }: SingleNodesParts): NoNodes | undefined {
  try {
    const inode = makeAside(hand, dev, note, NULL);
    try {
      hand.tryToOpen(dev, note.workshop, inode);
    } finally {
      hand.remove(dev, note.workshop, inode);
    }
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function leave({ dev, note, home, lock }: SingleNodesParts): void {
  doEach(
    () => closeSync(dev),
    () => note.close(),
    () => leaveLocked({ opened: home, lock }),
  );
}
