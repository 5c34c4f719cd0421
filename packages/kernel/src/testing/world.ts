import type { UdevRecord } from "../devices.js";
import type { SourceOptions } from "../source.js";
import { compose, toBytes } from "./bytes.js";
import { FakeCgroups } from "./cgroups.js";
import { Faults } from "./faults.js";
import { Hold } from "./hold.js";
import { HungAttribute } from "./hung.js";
import { FakeLedgers } from "./ledger.js";
import type { Datagram, NetlinkSocket } from "./netlink.js";
import { FakeNetns, INITIAL } from "./netns.js";
import type { Owner } from "./netns.js";
import type { LeftSource } from "./source.js";
import { Tree, ueventPairs } from "./tree.js";
import type { FakeNode } from "./tree.js";
import { Turns } from "./turns.js";

const FIRST_INODE = 4026531840; // as the kernel numbers its namespaces

/** Something that is open, and can be left as its program's death leaves it. */
export interface Mortal {
  kill(): void;
}

/** What one program has open. */
class Opened extends Set<Mortal> {
  /** It has ended, and what it opens all the same does nothing: the calls in the middle of which it ended go on. */
  hasEnded = false;

  override add(each: Mortal): this {
    if (!this.hasEnded) return super.add(each);
    each.kill();
    return this;
  }

  end(): void {
    for (const each of this) each.kill();
    this.hasEnded = true;
  }
}

/** The state of the machine, shared by all parts of the fake: devices, namespaces, counters and what happens later. */
export class World {
  readonly turns = new Turns();
  readonly hold = new Hold();
  readonly faults = new Faults();
  /** Everything but network devices, which are in the tree of their netns. */
  readonly tree = new Tree();
  /** Names of classes and buses. */
  readonly subsystems = new Set<string>();
  readonly cgroups = new FakeCgroups(this);
  readonly ledgers = new FakeLedgers(this);
  /** What the caller has open. */
  readonly opened = new Opened();
  /** The caller's, which nobody closes: they are memory alone. */
  readonly senders = new Opened();
  /** Datagrams until the caller is killed. */
  sendsLeft = Infinity;
  /** The caller's own open sources; all other sockets are other programs'. */
  readonly sources = new Set<NetlinkSocket>();
  /** Whether the caller's source of the host's kernel outlives it, and what was left of it then. */
  keepsSource = false;
  kept: LeftSource | undefined;
  readonly host: FakeNetns;
  readonly #namespaces = new Set<FakeNetns>();
  readonly #hung = new Map<string, HungAttribute>();
  #inode = FIRST_INODE;
  #seqnum = 0;

  constructor() {
    this.host = this.unshareNetns(INITIAL);
  }

  /** What the caller has open does nothing any more. Who calls next is another one. */
  kill(): void {
    this.die();
    for (const each of [this.opened, this.senders]) each.hasEnded = false;
  }

  /** The same in the middle of a call: what the caller goes on to open does nothing either, until `kill`. */
  die(): void {
    this.sendsLeft = Infinity;
    for (const each of [this.opened, this.senders]) each.end();
  }

  /** The caller has sent a datagram, which may be the last thing that it does. */
  sent(): void {
    if (--this.sendsLeft === 0) this.die();
  }

  /** Every inode number is given once. */
  nextInode(): number {
    return this.#inode++;
  }

  /** One counter for all namespaces. */
  nextSeqnum(): number {
    return ++this.#seqnum;
  }

  get seqnum(): number {
    return this.#seqnum;
  }

  /** The source of the caller before, if somebody kept it. */
  takeKept(netns: FakeNetns, { group }: SourceOptions): World["kept"] {
    if (netns !== this.host || group !== "kernel") return undefined;
    const { kept } = this;
    this.kept = undefined;
    return kept;
  }

  unshareNetns(owner: Owner): FakeNetns {
    const netns = new FakeNetns(BigInt(this.nextInode()), owner);
    this.#namespaces.add(netns);
    return netns;
  }

  /** The node that a netns shows at a path. @throws Error when there is none */
  node(devpath: string, netns: FakeNetns = this.host): FakeNode {
    const node = netns.tree.get(devpath) ?? this.tree.get(devpath);
    if (!node) throw new Error(`FakeKernel: nothing at ${devpath}`);
    return node;
  }

  treeOf(node: FakeNode): Tree {
    return node.netns?.tree ?? this.tree;
  }

  /** A node and all below it, network devices of any netns included, in the order in which they came. */
  family(node: FakeNode): FakeNode[] {
    const trees = node.netns ? [node.netns.tree] : [this.tree, ...[...this.#namespaces].map((netns) => netns.tree)];
    return trees.flatMap((tree) => tree.under(node.devpath));
  }

  /** An event as the kernel says it, and to whom: network devices to their netns, others to each of the initial user namespace. */
  say(action: string, node: FakeNode, extras: readonly string[] = []): void {
    const pairs = [`SUBSYSTEM=${node.subsystem}`, ...extras, ...ueventPairs(node), `SEQNUM=${this.nextSeqnum()}`];
    const bytes = compose(action, node.devpath, pairs);
    for (const netns of this.#audience(node)) netns.say("kernel", fromKernel(bytes, netns.owner));
  }

  hang(devpath: string, attribute: string): HungAttribute {
    const hung = new HungAttribute();
    this.#hung.set(`${devpath}/${attribute}`, hung);
    return hung;
  }

  /** The attribute's hang, while it lasts. */
  hung(devpath: string, attribute: string): HungAttribute | undefined {
    const hung = this.#hung.get(`${devpath}/${attribute}`);
    return hung?.released ? undefined : hung;
  }

  #audience(node: FakeNode): Iterable<FakeNetns> {
    if (node.netns) return [node.netns];
    return [...this.#namespaces].filter((netns) => netns.owner.initial);
  }
}

/** The kernel's own datagram; in a netns of another user namespace it comes from that one's root. */
function fromKernel(bytes: Uint8Array, owner: Owner): Datagram {
  return { bytes, portId: 0, groups: 1, pid: 0, uid: owner.uid };
}

/** What a kobject is made of. Strings are latin1: one character, one byte. */
export interface NodeOptions {
  readonly subsystem: string;
  readonly device?: boolean;
  readonly properties?: Readonly<Record<string, string>>;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly udev?: Partial<UdevRecord>;
}

/** Puts a kobject into the tree. Below a network device it belongs to that one's netns. @throws Error when its place is taken */
export function makeNode(world: World, devpath: string, options: NodeOptions, netns: FakeNetns): FakeNode {
  checkPlace(world, devpath, netns);
  const tagged = options.subsystem === "net" || netns.tree.holdsAncestorOf(devpath);
  const node: FakeNode = {
    devpath,
    subsystem: options.subsystem,
    device: options.device ?? true,
    incarnation: String(world.nextInode()),
    netns: tagged ? netns : undefined,
    properties: new Map(Object.entries(options.properties ?? {})),
    attributes: new Map(Object.entries(options.attributes ?? {}).map(([name, text]) => [name, toBytes(text)])),
    driver: undefined,
    udev: undefined,
  };
  setUdev(node, options.udev);
  if (node.device) world.subsystems.add(node.subsystem);
  world.treeOf(node).add(node);
  return node;
}

/** Makes udevd know something of a device; `undefined` makes it forget. */
export function setUdev(node: FakeNode, udev: Partial<UdevRecord> | undefined): void {
  node.udev = udev && { properties: new Map(), links: [], tags: [], ...udev };
}

function checkPlace(world: World, devpath: string, netns: FakeNetns): void {
  if (!/^(\/[^/]+)+$/.test(devpath)) throw new Error(`FakeKernel: not a device path: ${devpath}`);
  const [taken] = [...world.tree.under(devpath), ...netns.tree.under(devpath)];
  if (taken) throw new Error(`FakeKernel: ${taken.devpath} is there already; plug parents first`);
}
