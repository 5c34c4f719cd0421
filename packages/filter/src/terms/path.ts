import { splitUnescaped, unescaped } from "../escape.js";
import { parsePath } from "../path.js";
import type { Piece } from "../piece.js";
import { asString } from "./forms.js";
import type { Term } from "./term.js";

/** A directory below `/sys/devices` and all that is in it. Its look is `coversPath`. */
export const path: Term = {
  name: "path",
  role: "place",
  form: "path",
  usage: "/devices/…",
  also: ["devpath"],
  read: readPath,
  write: asString,
};

/** `/devices/…` for `/devices/…`, `/sys/devices/…` and the same with a "/" at the end, as a shell completes it. */
function readPath(piece: Piece): string {
  const skip = /^\/sys(?=\/devices)/.exec(piece.text)?.[0].length ?? 0;
  const end = /[^/\\\s]\/$/.test(piece.text) ? piece.text.length - 1 : piece.text.length;
  const below = piece.slice(skip, end);
  const names = splitUnescaped(below, "/").map((part) => unescaped(part.text));
  if (names[0] !== "" || names[1] !== "devices") throw noDevicePath(piece, names);
  parsePath(below);
  return below.text;
}

function noDevicePath(piece: Piece, names: readonly string[]) {
  const [, , kind, subsystem, name] = names;
  const message = "A path begins with /devices";
  if (names[1] === "sys" && (kind === "class" || kind === "bus") && subsystem && name)
    return piece.fail(message, `${piece.text} is a link: write subsystem=${subsystem},sysname=${names.at(-1)}.`);
  return piece.fail(message, "Links such as /sys/class/… are no place: readlink -f says where they lead.");
}
