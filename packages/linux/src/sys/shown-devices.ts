import { closeSync } from "node:fs";
import { dirname } from "node:path";

import { errnoOf } from "../errno.js";
import { orUndo } from "../undo.js";
import { linksTo } from "./device-links.js";
import type { DeviceLink } from "./device-links.js";
import type { HostDevices } from "./host-devices.js";
import { allBelow, highestIn, seenFrom } from "./paths.js";
import type { Views } from "./views.js";

const NETWORK = ["class/net", "devices/virtual/net"];

/** What a container has of a device that was shown. */
interface Shown {
  links: readonly string[];
  readonly writable: Set<string>;
}

/**
 * The devices that are to be in a container's `/sys`, and what is there of them. All paths are relative to it; what changes it throws an
 * Error with the system's reason.
 */
export class ShownDevices {
  readonly #host: HostDevices;
  readonly #views: Views;
  readonly #shown = new Map<string, Shown>();
  readonly #hidden = new Set<string>(); // below shown ones
  readonly #mounted = new Set<string>(); // by us: the highest of the shown ones
  readonly #unsure = new Set<string>(); // of the shown ones: a part may be missing
  readonly #uncovered = new Set<string>(); // of the hidden ones: they may be seen still
  #late: Set<string> | undefined; // mounted while a copy of all is on its way

  constructor(host: HostDevices, views: Views) {
    this.#host = host;
    this.#views = views;
  }

  /** It is to be there, without some that are below it. */
  add(path: string, hidden: readonly string[]): void {
    if (!this.#shown.has(path)) this.#shown.set(path, { links: [], writable: new Set() });
    this.#unsure.add(path);
    this.#hidden.delete(path);
    this.#uncovered.delete(path);
    for (const below of allBelow(path, hidden)) this.#hidden.add(below);
  }

  /** They are to be there no more. Returns the links that are to go with them. */
  delete(paths: readonly string[]): readonly string[] {
    const links = paths.flatMap((path) => this.#shown.get(path)?.links ?? []);
    for (const path of paths) this.#shown.delete(path);
    for (const path of paths) this.#unsure.delete(path);
    for (const path of paths.filter((each) => highestIn(this.#shown, each) && this.#isThere(each))) {
      this.#hidden.add(path);
      this.#uncovered.add(path);
    }
    return links;
  }

  /** An attribute of it is to be writable. False if it is already, or the device is not to be there. */
  addWritable(path: string, attribute: string): boolean {
    const writable = this.#shown.get(path)?.writable;
    if (!writable || writable.has(attribute)) return false;
    writable.add(attribute);
    return true;
  }

  /** Shows what was added. @param device its directory on the host */
  show(path: string, device: number): void {
    const bare = allBelow(path, this.#hidden).some((below) => this.#isBare(below));
    if (bare || !this.#isInPlace(path, device)) this.placeAnew(path);
    this.#relink(path, device);
    this.#unsure.delete(path);
  }

  /** Takes away what was deleted, and its links at last. */
  hide(paths: readonly string[], links: readonly string[]): void {
    for (const path of paths) if (this.#mounted.has(path)) this.#takeAway(path);
    const bare = paths.filter((path) => this.#hidden.has(path) && this.#isBare(path));
    for (const highest of new Set(bare.map((path) => this.#highest(path)))) this.#place(highest);
    for (const link of links) this.#views.skeleton.prune(link);
    for (const path of paths) this.#uncovered.delete(path);
  }

  /** Mounts a device, or what it is below, with all that is other in it. */
  placeAnew(path: string): void {
    this.#place(this.#highest(path));
  }

  showNetwork(sysfs: number): void {
    this.#views.showFrom(sysfs, NETWORK);
    for (const path of NETWORK) this.#mounted.add(path);
  }

  /** Takes away all that is not to be there. */
  keepOnly(): void {
    const links = new Set(Array.from(this.#shown.values(), (shown) => shown.links).flat());
    this.#views.keepOnly(links, this.#mounted);
  }

  /**
   * What is to be done, for each path, so that all is there that is to be.
   * @param all of what was begun a part may be there; else what failed is placed anew, and nothing else is disturbed
   */
  *restoring(all: boolean): Generator<readonly [path: string, step: () => void]> {
    for (const path of this.#mounted)
      if (!this.#shown.has(path) && !NETWORK.includes(path)) yield [path, () => this.#takeAway(path)];
    const [paths, placed] = [[...(all ? this.#shown.keys() : this.#unsure)], new Set<string>()];
    for (const path of new Set(paths.map((each) => this.#highest(each))))
      yield [path, () => (this.#place(path), placed.add(path))];
    for (const path of paths) yield [path, () => this.#restore(path, placed)];
    for (const path of this.#uncovered) yield [path, () => this.#cover(path)];
  }

  /** From now on is noted what is mounted. Returns what is to be called when that is over: it gives what is to be mounted anew. */
  noteLate(): () => readonly string[] {
    const late = new Set<string>();
    this.#late = late;
    return () => {
      this.#late = undefined;
      return [...late].filter((path) => this.#mounted.has(path));
    };
  }

  /** @param placed the highest ones that are there as a whole */
  #restore(path: string, placed: ReadonlySet<string>): void {
    const isOurs = this.#host.withDevice(path, (device) => this.#relink(path, device));
    if (!isOurs || placed.has(this.#highest(path))) this.#unsure.delete(path);
  }

  #cover(path: string): void {
    if (this.#hidden.has(path) && this.#isBare(path)) this.#place(this.#highest(path));
    this.#uncovered.delete(path);
  }

  #highest(path: string): string {
    return highestIn(this.#shown, path) ?? path;
  }

  /** True if it, or what it is below, was mounted by us, and it is what the host has there now. */
  #isInPlace(path: string, device: number): boolean {
    return this.#mounted.has(this.#highest(path)) && this.#views.isAt(path, device);
  }

  /** What the system refuses to look at counts as there. */
  #isThere(path: string): boolean {
    try {
      return this.#host.has(path);
    } catch (error) {
      errnoOf(error);
      return true;
    }
  }

  /** True if it can be seen, where it should be covered. */
  #isBare(path: string): boolean {
    return this.#host.has(path) && !this.#views.isEmpty(path);
  }

  /** @param path of one of the highest */
  #place(path: string): void {
    orUndo(
      () => this.#placeNow(path),
      () => this.#shown.has(path) && this.#unsure.add(path),
    );
  }

  #placeNow(path: string): void {
    this.#host.withDevice(path, (device) => {
      for (const below of allBelow(path, this.#mounted)) this.#mounted.delete(below);
      const [directory, writable] = [this.#host.openReadOnly(device), this.#openWritable(path)];
      try {
        if (directory !== undefined) this.#views.show(path, directory, { hidden: this.#hiddenIn(path), writable });
      } finally {
        for (const fd of [directory, ...writable.values()]) if (fd !== undefined) closeSync(fd);
      }
      this.#mounted.add(path);
      this.#late?.add(path);
    });
  }

  #hiddenIn(path: string): readonly string[] {
    const below = allBelow(path, this.#hidden);
    for (const gone of below.filter((each) => !this.#host.has(each))) this.#hidden.delete(gone);
    return allBelow(path, this.#hidden).map((each) => seenFrom(path, each));
  }

  #openWritable(path: string): ReadonlyMap<string, number> {
    const shown = [path, ...allBelow(path, this.#shown.keys())];
    const wanted = shown.flatMap((device) =>
      Array.from(this.#shown.get(device)?.writable ?? [], (attribute) => `${device}/${attribute}`),
    );
    return new Map(
      wanted.flatMap((each) => {
        const attribute = this.#host.openWritable(each);
        return attribute === undefined ? [] : [[seenFrom(path, each), attribute]];
      }),
    );
  }

  #takeAway(path: string): void {
    this.#mounted.delete(path);
    for (const below of allBelow(path, this.#hidden))
      if (highestIn(this.#shown, below) === undefined) this.#hidden.delete(below);
    this.#views.takeAway(path);
    this.#views.skeleton.prune(dirname(path));
    for (const below of allBelow(path, this.#shown.keys())) if (this.#highest(below) === below) this.#place(below);
  }

  #relink(path: string, device: number): void {
    const shown = this.#shown.get(path);
    if (!shown) return;
    const links: readonly DeviceLink[] = linksTo(this.#host.fd, path, device);
    const places = links.map((link) => link.path);
    const gone = shown.links.filter((place) => !places.includes(place));
    shown.links = places;
    for (const link of links) this.#views.skeleton.link(link.path, link.target);
    for (const place of gone) this.#views.skeleton.prune(place);
  }
}
