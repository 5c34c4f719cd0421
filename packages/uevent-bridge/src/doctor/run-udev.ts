import type { PlaceInside } from "@uevent-bridge/kernel";
import type { Look } from "@uevent-bridge/relay";

import { note, ok, problem } from "./finding.js";
import type { Finding } from "./finding.js";

/** Programs of libudev begin to listen only where `/run/udev/control` is. @param place what is at `/run/udev` */
export function checkRunUdev({ udevd, control }: Look, place: PlaceInside): Finding[] {
  if (udevd === "unknown")
    return [problem("run-udev.unknown", "its file systems do not answer, or may not be seen", SEEN)];
  if (udevd === "runs") return [ok("run-udev.udevd", "a udevd runs there, which programs of libudev listen to")];
  if (control) return [whoseControl(place)];
  const absent = "there is no /run/udev/control: a program of libudev that starts now is deaf for ever";
  if (udevd === "absent") return [note("run-udev.absent", absent, ATTACH_FIRST)];
  return [note("run-udev.no-udevd", `${absent}. A udevd is installed, and does not run`, START)];
}

const SEEN = "Run as root. If a file system of it hangs (FUSE, NFS), mend that first.";
const ATTACH_FIRST = "Attach first: the relay puts it there. Then start the program.";
const START = "Start its udevd before them; or attach with --netlink both, and never start it.";

/** A relay's has all that programs of libudev look for. No relay can put its own where there is another. */
function whoseControl(place: PlaceInside): Finding {
  const there = ok("run-udev.there", "there is a /run/udev/control, so programs of libudev listen");
  if (typeof place === "string") return there; // it went meanwhile
  if (place.isOurs) return note("run-udev.hosts", HOSTS, UNBIND);
  if (place.entries.some(({ name, kind }) => name === "control" && kind === "dead"))
    return note("run-udev.stale", STALE, `${REMOVE} Or start its udevd.`);
  if (!place.more && place.entries.every(({ name }) => name !== "data"))
    return note("run-udev.no-data", NO_DATA, REMOVE);
  return there;
}

const HOSTS =
  "its /run/udev is the host's: programs of libudev listen, and its database shows them the devices of the host, whatever the rules let in";
const UNBIND = "Do not bind the host's in: a relay puts one there that shows what the container may see.";
const STALE =
  "nobody has its /run/udev/control open, whose udevd has ended: programs of libudev listen, and hear a relay with --netlink both at most, which cannot put a database there";
const NO_DATA =
  "there is a /run/udev/control and no /run/udev/data: programs of libudev listen, and find no properties (ID_…) of the devices that are there already";
const REMOVE = "Remove /run/udev/control there, and attach.";
