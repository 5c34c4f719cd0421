import type { Look } from "@uevent-bridge/relay";

import { note, ok, problem } from "./finding.js";
import type { Finding } from "./finding.js";

/** Programs of libudev begin to listen only where `/run/udev/control` is. */
export function checkRunUdev({ udevd, control }: Look): Finding[] {
  if (udevd === "unknown")
    return [problem("run-udev.unknown", "its file systems do not answer, or may not be seen", SEEN)];
  if (udevd === "runs") return [ok("run-udev.udevd", "a udevd runs there, which programs of libudev listen to")];
  if (control) return [ok("run-udev.there", "there is a /run/udev/control, so programs of libudev listen")];
  const absent = "there is no /run/udev/control: a program of libudev that starts now is deaf for ever";
  if (udevd === "absent") return [note("run-udev.absent", absent, ATTACH_FIRST)];
  return [note("run-udev.no-udevd", `${absent}. A udevd is installed, and does not run`, START)];
}

const SEEN = "Run as root. If a file system of it hangs (FUSE, NFS), mend that first.";
const ATTACH_FIRST = "Attach first: the relay puts it there. Then start the program.";
const START = "Start its udevd before them; or attach with --netlink both, and never start it.";
