import { escapeName, unescaped } from "../escape.js";
import { nearest } from "../nearest.js";
import type { Piece } from "../piece.js";
import { asString } from "./forms.js";
import type { Term } from "./term.js";

const ACCESS = ["rw", "rwm", "r", "w"]; // "wr" is as near to "r" as to "rw": the first one wins
const LAST_ID = 0xffff_fffe; // -1 means "leave it" to chown
const WRITABLE = /^rw:(?<attribute>.+)$/s;

/** What an allow rule gives beside visibility. */
export const words: readonly Term[] = [
  { name: "access", role: "word", form: "value", usage: "access=r|w|rw|rwm", read: readAccess, write: asString },
  { name: "exclusive", role: "word", form: "flag", usage: "exclusive", read: () => true, write: asFlag },
  { name: "required", role: "word", form: "flag", usage: "required", read: () => true, write: asFlag },
  { name: "as", role: "word", form: "value", usage: "as=NAME", read: readNode, write: asName },
  { name: "mode", role: "word", form: "value", usage: "mode=OCTAL", read: readMode, write: asOctal },
  { name: "owner", role: "word", form: "value", usage: "owner=UID:GID", read: readOwner, write: asIds },
  { name: "sysfs", role: "word", form: "list", usage: "sysfs=rw:ATTR", read: readWritable, write: asWritable },
];

function readAccess(value: Piece): string {
  if (ACCESS.includes(value.text)) return value.text;
  const sorted = nearest(value.text, ACCESS) ?? "rw";
  throw value.fail(`${value.quoted} is no access`, `Write r, w, rw or rwm. Did you mean access=${sorted}?`);
}

function readNode(value: Piece): string {
  const name = unescaped(value.text);
  checkRelative(value, name, "A name in the container's /dev", "Write it without /dev/: as=ttyRobot, as=input/pad.");
  return name;
}

function readMode(value: Piece): number {
  if (/^0*[0-7]{1,3}$/.test(value.text)) return Number.parseInt(value.text, 8);
  throw value.fail(`${value.quoted} is no mode`, "Write octal permission bits from 0 to 0777: mode=0660.");
}

function readOwner(value: Piece): { uid: number; gid: number } {
  const ids = /^(\d{1,10}):(\d{1,10})$/.exec(value.text)?.slice(1).map(Number) ?? [];
  const [uid, gid] = ids;
  if (uid !== undefined && gid !== undefined && Math.max(uid, gid) <= LAST_ID) return { uid, gid };
  throw value.fail(`${value.quoted} is no owner`, "Write two numbers, as the container sees them: owner=1000:20.");
}

function readWritable(value: Piece): string {
  const attribute = WRITABLE.exec(value.text)?.groups?.["attribute"];
  if (attribute === undefined)
    throw value.fail("An attribute that may be written is rw:ATTR", "Write sysfs=rw:brightness.");
  const name = unescaped(attribute);
  checkRelative(value, name, "A writable attribute is a file below the device", "Write sysfs=rw:brightness.");
  return name;
}

function checkRelative(value: Piece, name: string, what: string, remedy: string): void {
  if (!name.split("/").some((part) => part === "" || part === "." || part === "..")) return;
  throw value.fail(`${what} has no empty part, no "." and no ".."`, remedy);
}

function asFlag(value: unknown): string | undefined {
  return value === true ? "" : undefined;
}

function asName(value: unknown): string | undefined {
  return typeof value === "string" ? escapeName(value) : undefined;
}

function asWritable(value: unknown): string | undefined {
  return typeof value === "string" ? `rw:${escapeName(value)}` : undefined;
}

function asOctal(value: unknown): string | undefined {
  return typeof value === "number" ? value.toString(8).padStart(4, "0") : undefined;
}

function asIds(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("uid" in value) || !("gid" in value)) return undefined;
  return `${String(value.uid)}:${String(value.gid)}`;
}
