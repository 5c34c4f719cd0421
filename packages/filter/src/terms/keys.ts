import { unescaped } from "../escape.js";
import type { Piece } from "../piece.js";

/** Properties of an event. A rule sees a device. */
const OF_EVENTS = new Set(["ACTION", "SEQNUM", "SYNTH_UUID", "DEVPATH_OLD"]);
/** Properties that have a term of their own and are in no `uevent` file. */
const ELSEWHERE = new Map([
  ["DEVPATH", "a path: /devices/…"],
  ["SUBSYSTEM", "subsystem=PATTERN"],
  ["DEVLINKS", "devlink=PATTERN"],
  ["TAGS", "tag=PATTERN"],
]);

/** A file below a device's directory: `serial`, `queue/rotational`. */
export function checkAttribute(key: Piece): void {
  if (key.text === "") throw key.fail("An attribute without a name", "Write attr:KEY=PATTERN: attr:serial=A1*.");
  const parts = unescaped(key.text).split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    throw key.fail("An attribute is a file below the device", "Write its name: serial, queue/rotational.");
}

export function checkProperty(key: Piece): void {
  if (key.text === "") throw key.fail("A property without a name", "Write env:KEY=PATTERN: env:ID_SERIAL=A1*.");
  const name = unescaped(key.text);
  if (name.includes("=")) throw key.fail('No property has a "=" in its name', "Take it out.");
  if (OF_EVENTS.has(name))
    throw key.fail(`${name} is of an event, and a rule looks at a device`, "Take this term out.");
  const term = ELSEWHERE.get(name);
  if (term !== undefined) throw key.fail(`${name} is no property here`, `Write ${term}.`);
}
