import { KernelError } from "@uevent-bridge/kernel";
import type { Access, DeviceDirectory, DeviceEntry, DeviceNumber, DeviceRights } from "@uevent-bridge/kernel";

import { BASE_NUMBERS, RANK, baseEntries, rankOf } from "./base.js";
import { Claims } from "./claims.js";
import type { Found, Ids, Shown } from "./types.js";

const MODE = 0o660;
const ACCESS: Access = "rw";
const LOOKS_MAX = 8; // numbers about which the kernel is asked at once
const BASE = Symbol("what is there beside the devices");

export interface DeviceViewOptions {
  /** Its `/dev`, open; owned from now on. */
  readonly directory: DeviceDirectory | undefined;
  /** The host's ids for those of the container; root has some. @throws KernelError ID_UNMAPPED */
  readonly toHost: (ids: Ids) => Ids;
  /** Something could not be put there, not be granted, or not be taken away. */
  readonly onTrouble: (error: unknown) => void;
}

/** Below `/dev`, with udev's priority. */
interface Links {
  readonly names: ReadonlySet<string>;
  readonly priority: number;
}

const NO_LINKS: Links = { names: new Set(), priority: 0 };

interface Granted {
  readonly number: DeviceNumber;
  readonly access: Access;
}

/**
 * What a container has of its devices: nodes and links in its `/dev`, and the right to open them, whatever node it makes.
 * @template K what stands for a device
 */
export class DeviceView<K> {
  readonly #options: DeviceViewOptions;
  #rights: DeviceRights | undefined;
  #isCaughtUp = false;
  readonly #shown = new Map<K, Shown>();
  readonly #links = new Map<K, Links>();
  readonly #names = new Claims<K | typeof BASE, DeviceEntry>((name, entry) => this.#put(name, entry));
  /** Granted, and nobody has looked yet whether it can be opened. */
  readonly #unasked = new Map<string, Granted>();
  readonly #numbers = new Claims<K | typeof BASE, Granted>((_, granted, before) => this.#grant(granted, before));

  constructor(options: DeviceViewOptions) {
    this.#options = options;
    for (const number of BASE_NUMBERS) this.#numbers.put(textOf(number), BASE, { number, access: ACCESS }, RANK.base);
    this.#putBase();
  }

  /** It may be opened from now on, and its node is there; or it is another than it was. */
  show(key: K, shown: Shown): void {
    const before = this.#shown.get(key);
    if (before && isSame(before, shown)) return; // most events say nothing new of a device
    const { name, number, access = ACCESS } = shown;
    this.#shown.set(key, shown);
    this.#numbers.put(textOf(number), key, { number, access }, RANK.device);
    this.#putNode(key, shown);
    if (before) this.#letGo(key, before, shown);
    const { names, priority } = this.#links.get(key) ?? NO_LINKS;
    if (before && before.name !== name) this.link(key, names, priority);
  }

  /** What is to be had of it now; undefined if nothing is. */
  find(key: K): Found | undefined {
    const shown = this.#shown.get(key);
    if (!shown || this.#rankOf(shown) === undefined) return undefined;
    const { name, number, mode = MODE, owner = { uid: 0, gid: 0 }, access = ACCESS } = shown;
    const links = [...(this.#links.get(key) ?? NO_LINKS).names];
    return { name, number, mode, owner, ...this.#hostIdsOf(owner), access, links };
  }

  /** @param names of the links to its node, below `/dev` @param priority udev's: of two that want a link the higher one has it */
  link(key: K, names: Iterable<string>, priority = 0): void {
    const shown = this.#shown.get(key);
    const before = this.#links.get(key) ?? NO_LINKS;
    const links = new Set(shown ? names : []);
    for (const name of before.names) if (!links.has(name)) this.#names.take(name, key);
    for (const name of links)
      this.#names.put(name, key, { kind: "link", target: way(name, shown?.name ?? "") }, priority);
    if (links.size > 0) this.#links.set(key, { names: links, priority });
    else this.#links.delete(key);
  }

  /** It may not be opened any more. That may be shown again; else it is to be hidden. */
  revoke(key: K): void {
    const shown = this.#shown.get(key);
    if (shown) this.#numbers.take(textOf(shown.number), key);
  }

  /** It may not be opened any more, and neither its node nor its links are there. */
  hide(key: K): void {
    const shown = this.#shown.get(key);
    if (!shown) return;
    this.#letGo(key, shown, undefined);
    this.link(key, []);
    this.#shown.delete(key);
  }

  /** True if it is there, or may be opened. */
  shows(key: K): boolean {
    return this.#shown.has(key);
  }

  /** All that is to be there has been shown: what a relay before this one left goes. */
  caughtUp(): void {
    this.#isCaughtUp = true;
    this.#tried(() => this.#rights?.forgetOthers());
    this.#tried(() => this.#options.directory?.forgetOthers());
  }

  /** It may be said from now on what its programs may open. @param rights owned from now on */
  useRights(rights: DeviceRights): void {
    this.#rights = rights;
    for (const granted of this.#numbers.all()) this.#grant(granted, undefined);
    if (this.#isCaughtUp) this.#tried(() => rights.forgetOthers());
  }

  /** What its programs may open is said by us no longer, until that is used again. */
  giveBackRights(): void {
    this.#unasked.clear();
    this.#tried(() => this.#rights?.close());
    this.#rights = undefined;
  }

  /**
   * Says what was granted and cannot be opened for all that, as a program of somebody else keeps it shut. Each look is at some that
   * nobody has looked at yet, as it asks the kernel about each: not for the hot path.
   */
  lookForRefusals(): void {
    for (const [text, granted] of [...this.#unasked].slice(0, LOOKS_MAX)) {
      this.#unasked.delete(text);
      this.#tried(() => this.#lookForRefusal(granted));
    }
  }

  /** The container's ids are others for the host: it has started. */
  renumber(): void {
    this.#putBase();
    for (const [key, shown] of this.#shown) this.#putNode(key, shown);
  }

  close(): void {
    for (const key of this.#shown.keys()) this.hide(key);
    this.giveBackRights();
    this.#tried(() => this.#options.directory?.close());
  }

  /** Where others have entries too, they are there already. */
  #putBase(): void {
    const { directory, toHost } = this.#options;
    if (directory?.isShared) return;
    for (const [name, entry] of baseEntries(toHost({ uid: 0, gid: 0 }))) this.#names.put(name, BASE, entry, RANK.base);
  }

  #putNode(key: K, shown: Shown): void {
    const rank = this.#rankOf(shown);
    if (rank !== undefined) this.#names.put(shown.name, key, this.#nodeOf(shown), rank);
  }

  #rankOf(shown: Shown): number | undefined {
    const { directory } = this.#options;
    return directory && !directory.isShared ? rankOf(shown) : RANK.node;
  }

  #nodeOf({ number, mode = MODE, owner = { uid: 0, gid: 0 } }: Shown): DeviceEntry {
    const { host, unmapped } = this.#hostIdsOf(owner);
    if (unmapped) this.#options.onTrouble(unmapped);
    return { kind: "node", ...number, mode, ...host };
  }

  /** Nobody but its root gets what belongs to somebody whom it does not have. */
  #hostIdsOf(owner: Ids): Pick<Found, "host" | "unmapped"> {
    const { toHost } = this.#options;
    try {
      return { host: toHost(owner) };
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      return { host: toHost({ uid: 0, gid: 0 }), unmapped: error };
    }
  }

  /** What it was, as far as it is not that any more. */
  #letGo(key: K, before: Shown, after: Shown | undefined): void {
    if (!after || textOf(after.number) !== textOf(before.number)) this.#numbers.take(textOf(before.number), key);
    if (after?.name !== before.name) this.#names.take(before.name, key);
  }

  #grant(granted: Granted | undefined, before: Granted | undefined): void {
    if (granted) this.#tried(() => this.#allow(granted));
    else if (before) this.#tried(() => this.#disallow(before));
  }

  #allow(granted: Granted): void {
    const { number, access } = granted;
    this.#rights?.grant(number, access);
    if (this.#rights && number.major !== "any" && number.minor !== "any") this.#unasked.set(textOf(number), granted);
  }

  #disallow({ number }: Granted): void {
    this.#unasked.delete(textOf(number));
    this.#rights?.revoke(number);
  }

  #lookForRefusal({ number, access }: Granted): void {
    const refuser = this.#rights?.refusedBy(number, access);
    if (refuser !== undefined) throw standsInTheWay(number, refuser);
  }

  #put(name: string, entry: DeviceEntry | undefined): void {
    const { directory } = this.#options;
    this.#tried(() => (entry ? directory?.put(name, entry) : directory?.remove(name)));
  }

  #tried(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onTrouble(error);
    }
  }
}

function isSame(a: Shown, b: Shown): boolean {
  const ownerOf = ({ owner }: Shown): string => `${owner?.uid} ${owner?.gid}`;
  const isAlike = a.name === b.name && textOf(a.number) === textOf(b.number);
  return isAlike && a.mode === b.mode && a.access === b.access && ownerOf(a) === ownerOf(b);
}

function standsInTheWay(number: DeviceNumber, refuser: string): KernelError {
  return new KernelError(
    "NO_PRIVILEGE",
    `${textOf(number)} cannot be opened, although it is granted: ${refuser} refuses it`,
    "have it let the device through (systemctl set-property UNIT DeviceAllow=…), or put the container elsewhere",
  );
}

function textOf({ type, major, minor }: DeviceNumber): string {
  return `${type} ${major}:${minor}`;
}

/** From a link to a node, both below the same directory. */
function way(link: string, node: string): string {
  return "../".repeat(link.split("/").length - 1) + node;
}
