import { readEntry, type Entry } from "./entry.js";
import { splitUnescaped } from "./escape.js";
import type { Piece } from "./piece.js";
import { kinds } from "./terms/kinds.js";
import type { Term } from "./terms/term.js";

/**
 * Directories of /dev in which the kernel names nodes (`devnode` of a class, `nodename` of a misc device).
 * All other names with a "/" are links that udev's rules make, but for those of drivers outside the kernel tree:
 * this list is the smaller and the steadier one.
 */
const NODE_DIRECTORIES: ReadonlySet<string> = new Set(
  "accel bsg bus cciss cpu crypto cxl dma_heap dri dvb etherd hpilo ida infiniband input"
    .concat(" net ocxl pktcdvd raw rd snd usb vfio xen zcrypt")
    .split(" "),
);

/** `/dev/NAME` alone is a node's name, `/dev/disk/by-id/…` a link. */
export function readDevShorthand(whole: Piece): Entry {
  const paths = splitUnescaped(whole, "|").map((path) => path.text);
  const names = paths.map((path) => path.replace(/^\/dev\//, ""));
  const isNode = names.map(isNodeName);
  if (paths.some((path, i) => path === names[i]) || names.some(hasOddPart))
    throw whole.fail("This is no name below /dev", "Write /dev/NAME, in each alternative.");
  if (new Set(isNode).size > 1) throw whole.fail("Some of these are nodes and some are links", "Write two rules.");
  const term = named(isNode[0] === true ? "devname" : "devlink");
  const value = names.length === 1 ? whole.slice("/dev/".length) : whole; // both terms know names with /dev/ too
  return readEntry(term, undefined, value, whole);
}

function hasOddPart(name: string): boolean {
  return name.split("/").some((part) => part === "" || part === "." || part === "..");
}

/** True if the kernel would name a node so, below /dev. */
function isNodeName(name: string): boolean {
  const [first = "", second] = name.split("/");
  if (second === undefined || name === "mapper/control") return true;
  return NODE_DIRECTORIES.has(first) && !second.startsWith("by-");
}

function named(name: string): Term {
  return kinds.find((term) => term.name === name) as Term; // both are in the table
}
