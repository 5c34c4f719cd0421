import { spawn } from "node:child_process";
import { once } from "node:events";

import { STATUS } from "../command/error.js";
import type { Status } from "../command/error.js";
import type { Io } from "../command/io.js";

const OWN = ["--user", "--map-root-user", "--net", "--mount"];
const MOUNT_SYSFS = 'mount -t sysfs sysfs /sys && exec "$@"'; // one that shows the network devices of the new namespace

/** True if this user may have namespaces in which it is root. */
export async function mayHaveNamespaces(): Promise<boolean> {
  const probe = spawn("unshare", [...OWN, "sh", "-c", MOUNT_SYSFS, "sh", "true"], { stdio: "ignore" });
  return (await exitOf(probe)) === 0;
}

/** Runs the demo once more in namespaces of its own. */
export async function demoInOwnNamespaces({ self, signal }: Io): Promise<Status> {
  const again = ["sh", "-c", MOUNT_SYSFS, "sh", ...self, "demo", "--namespaced"];
  const child = spawn("unshare", [...OWN, ...again], { stdio: "inherit", signal, killSignal: "SIGTERM" });
  const status = await exitOf(child);
  return status === 0 ? STATUS.done : STATUS.world;
}

async function exitOf(child: ReturnType<typeof spawn>): Promise<number | undefined> {
  try {
    const [status] = (await once(child, "exit")) as [number | null];
    return status ?? undefined;
  } catch {
    return undefined; // there is no such program
  }
}
