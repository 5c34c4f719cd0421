import { nearest } from "@uevent-bridge/filter";
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

/** What an option says that is one of these words, or a directory: a name without a slash is a word that was mistyped. @throws CommandError */
export function checkPath(option: string, text: string, words: readonly string[]): void {
  if (words.includes(text) || text.includes("/")) return;
  const forms = `${words.join(", ")} or a directory`;
  if (text === "") throw wrong(`--${option} is empty`, `Give ${forms}.`);
  const near = nearest(text, words);
  const meant = near === undefined ? `It is ${forms}.` : `Did you mean ${near}?`;
  throw wrong(`--${option} ${text}`, `${meant} A directory is written with a slash: ./${text}.`);
}

export function wrong(message: string, remedy: string): CommandError {
  return new CommandError(STATUS.words, message, remedy);
}
