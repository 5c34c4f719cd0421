import { spawn } from "node:child_process";

import { STATUS } from "../command/error.js";
import type { Status } from "../command/error.js";
import type { Io } from "../command/io.js";
import { exitStatus, mayUnshare } from "./unshare.js";
import type { Own } from "./unshare.js";

const OWN: Own = ["--user", "--map-root-user", "--net", "--mount"];

// A sysfs that shows the network devices of the new namespace.
const WITH_SYSFS = ["sh", "-c", 'mount -t sysfs sysfs /sys && exec "$@"', "sh"];

/** True if this user may have namespaces in which it is root. */
export function mayHaveNamespaces(): Promise<boolean> {
  return mayUnshare(OWN, [...WITH_SYSFS, "true"]);
}

/** Runs the demo once more in namespaces of its own. */
export async function demoInOwnNamespaces({ self, signal }: Io): Promise<Status> {
  const again = [...WITH_SYSFS, ...self, "demo", "--namespaced"];
  const child = spawn("unshare", [...OWN, ...again], { stdio: "inherit", signal, killSignal: "SIGTERM" });
  return (await exitStatus(child)) === 0 ? STATUS.done : STATUS.world;
}
