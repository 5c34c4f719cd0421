import type { Deliver } from "@uevent-bridge/relay";

import { CommandError, STATUS } from "../command/error.js";

type Netlink = NonNullable<Deliver["netlink"]>;
type Shadow = NonNullable<Deliver["shadow"]>;

/** What `--netlink` says. @throws CommandError */
export function netlinkOf(how: string): Netlink {
  if (how === "auto" || how === "off" || isInsisting(how)) return how;
  throw wrong(`--netlink ${how}`, "It is auto, kernel, udev, both or off.");
}

export function isInsisting(how: string): how is "kernel" | "udev" | "both" {
  return how === "kernel" || how === "udev" || how === "both";
}

/** What `--shadow` says. @throws CommandError */
export function shadowOf(how: string): Shadow {
  if (how === "auto" || how === "off") return how;
  if (how.startsWith("/")) return { listenerPath: how };
  throw wrong(`--shadow ${how}`, "It is auto, off, or the absolute path that the runtime has as its listenerPath.");
}

export function wrong(message: string, remedy: string): CommandError {
  return new CommandError(STATUS.words, message, remedy);
}
