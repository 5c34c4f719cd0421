import type { DirectoryInside, EntryInside, PlaceInside } from "@uevent-bridge/kernel";
import { DEFAULT_LIMITS } from "@uevent-bridge/relay";

import { note, ok, problem } from "./finding.js";
import type { Finding } from "./finding.js";

const NAMED = 5; // entries; the others are counted
const SUFFIX = ".sock";
const NOT_UTF8 = "\uFFFD";

/** The directory in which a container's programs bind their sockets. @param root of the container, as a host id */
export function checkRunUevent(place: PlaceInside, root: number): Finding[] {
  if (place === "unknown")
    return [problem("run-uevent.unknown", "its /run/uevent does not answer, or may not be seen", SEEN)];
  if (place === "absent")
    return [ok("run-uevent.none", "there is no /run/uevent: none of its programs listens on a socket")];
  if (place === "no-directory") return [problem("run-uevent.no-directory", "its /run/uevent is no directory", BIND)];
  return [listeners(place), ...unusable(place, root), ...tooMany(place), ...dead(place), ...passedOver(place)];
}

const SEEN = "Run as root. If a file system of it hangs (FUSE, NFS), mend that first.";
const BIND = "Have its engine bind the directory that attach names to /run/uevent.";

function listeners(place: DirectoryInside): Finding {
  const told = place.entries.filter((entry) => isTold(entry)).map(({ name }) => quote(name));
  const who = told.length === 0 ? "nobody listens in it" : `${told.length} listen in it: ${someOf(told)}`;
  const more = place.more ? "; it has more entries than are looked at" : "";
  return ok("run-uevent.there", `there is a /run/uevent, and ${who}${more}`);
}

/** What keeps a program from binding a socket there. */
function unusable(place: DirectoryInside, root: number): Finding[] {
  if (place.isRemoved) return [problem("run-uevent.removed", REMOVED, ANEW)];
  return [...(place.isReadOnly ? [problem("run-uevent.read-only", READ_ONLY, WRITABLE)] : []), ...foreign(place, root)];
}

const REMOVED = "its /run/uevent was removed on the host: no program can bind a socket there, and no relay looks there";
const ANEW = "Attach, and start the container anew, so that its engine binds the directory that is there now.";
const READ_ONLY = "its /run/uevent is read-only: no program can bind a socket there";
const WRITABLE = "Have its engine bind it in without :ro.";

function foreign({ uid }: DirectoryInside, root: number): Finding[] {
  if (uid === root || isOwnUser(uid)) return [];
  const owner = `its /run/uevent belongs to uid ${uid}, and its root is uid ${root} here`;
  const message = `${owner}: its programs may not bind a socket there, or a relay does not use it`;
  return [problem("run-uevent.foreign", message, `Give it to uid ${root}, with mode 0700 (chown, chmod) on the host.`)];
}

/** Without root, the user's own directory is one that a container of his may write to, whoever is root in it. */
function isOwnUser(uid: number): boolean {
  return uid !== 0 && uid === process.geteuid?.();
}

function tooMany({ entries }: DirectoryInside): Finding[] {
  const count = entries.filter((entry) => isTold(entry)).length;
  if (count <= DEFAULT_LIMITS.listeners) return [];
  const message = `${count} listen in its /run/uevent, and a relay tells ${DEFAULT_LIMITS.listeners} of them`;
  return [
    problem("run-uevent.too-many", message, "End programs that need not listen, or have several share a socket."),
  ];
}

function dead({ entries }: DirectoryInside): Finding[] {
  const names = entries.filter(({ kind }) => kind === "dead").map(({ name }) => quote(name));
  if (names.length === 0) return [];
  const message = `nobody has these sockets in its /run/uevent open, whose programs have ended: ${someOf(names)}`;
  return [note("run-uevent.dead", message, "Start the programs anew if they are to listen; else remove the files.")];
}

function passedOver({ entries }: DirectoryInside): Finding[] {
  const odd = entries.flatMap((entry) => {
    const reason = isTold(entry) ? undefined : reasonAgainst(entry);
    return reason === undefined ? [] : [`${quote(entry.name)} ${reason}`];
  });
  if (odd.length === 0) return [];
  return [
    problem("run-uevent.passed-over", `a relay passes over what is in its /run/uevent: ${someOf(odd)}`, BIND_SOCKET),
  ];
}

const BIND_SOCKET = `Bind a datagram socket there whose name ends in ${SUFFIX}; remove what is none.`;

function isTold({ kind, name }: EntryInside): boolean {
  return kind === "listener" && name.endsWith(SUFFIX) && !name.includes(NOT_UTF8);
}

/** Undefined if nobody can expect to be told there. */
function reasonAgainst({ kind, name }: EntryInside): string | undefined {
  if (kind === "socket") return "is a socket that takes no datagrams";
  if (kind === "dead") return undefined;
  if (kind !== "listener") return name.endsWith(SUFFIX) ? KINDS[kind] : undefined;
  if (name.includes(NOT_UTF8)) return "has a name that is not UTF-8";
  return name.startsWith(".") ? undefined : `has a name that does not end in ${SUFFIX}`; // one that is hidden is being bound
}

const KINDS = { symlink: "is a symlink", directory: "is a directory", other: "is no socket" } as const;

const quote = (name: string): string => JSON.stringify(name);

function someOf(what: readonly string[]): string {
  const others = what.length - NAMED;
  return what.slice(0, NAMED).join(", ") + (others > 0 ? ` and ${others} more` : "");
}
