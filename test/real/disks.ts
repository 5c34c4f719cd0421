import { execFileSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { addLoop, removeLoop } from "@uevent-bridge/linux/testing";

import { change, devpathOf, plugLoop } from "./loops.js";

const IMAGE_BYTES = 65_536;

/** Loop devices that come, go and change at random; the first is always there. Disposed of, they are gone. */
export class RandomDisks implements Disposable {
  /** All that there ever are. */
  readonly devpaths: readonly string[];
  readonly #numbers: readonly number[];
  /** DISKSEQs that one of them got by a `losetup --detach`, of which the kernel says nothing. */
  readonly silent = new Set<string | undefined>();
  readonly #present: Set<number>;
  readonly #filled = new Set<number>();
  readonly #image: string;
  readonly #random: () => number;

  /** @param random from 0 to below 1 */
  constructor(count: number, directory: string, random: () => number) {
    this.#numbers = Array.from({ length: count }, plugLoop);
    this.#present = new Set(this.#numbers);
    this.devpaths = this.#numbers.map(devpathOf);
    this.#image = join(directory, "image");
    this.#random = random;
    writeFileSync(this.#image, "");
    truncateSync(this.#image, IMAGE_BYTES);
  }

  /** Something happens to one of them. */
  step(): void {
    const number = this.#numbers[1 + Math.floor(this.#random() * (this.#numbers.length - 1))] ?? 0;
    if (!this.#present.has(number)) return this.#plug(number);
    const what = Math.floor(this.#random() * 4);
    if (what === 0) return change(devpathOf(number));
    if (what === 1) return this.#fill(number);
    this.#unplug(number);
    if (what === 2) this.#plug(number); // another one under the same path
  }

  [Symbol.dispose](): void {
    for (const number of this.#present) this.#unplug(number);
  }

  #plug(number: number): void {
    addLoop(number);
    this.#present.add(number);
  }

  #unplug(number: number): void {
    if (this.#filled.has(number)) this.#empty(number);
    removeLoop(number);
    this.#present.delete(number);
  }

  /** Its DISKSEQ is another one then. */
  #fill(number: number): void {
    if (this.#filled.has(number)) this.#empty(number);
    execFileSync("losetup", [`/dev/loop${number}`, this.#image]);
    this.#filled.add(number);
  }

  #empty(number: number): void {
    execFileSync("losetup", ["--detach", `/dev/loop${number}`]);
    this.#filled.delete(number);
    this.silent.add(diskseqIn(ueventFile(devpathOf(number))));
  }
}

/** The disks of these that exist, each with its DISKSEQ, which differs between two disks and between two contents of one. */
export function disksOfSysfs(devpaths: readonly string[]): ReadonlyMap<string, string | undefined> {
  const files = devpaths.map((devpath) => [devpath, ueventFile(devpath)] as const);
  return new Map(files.flatMap(([devpath, text]) => (text === undefined ? [] : [[devpath, diskseqIn(text)]])));
}

/** In what the kernel says of a disk, or its file `uevent`. */
export function diskseqIn(text = ""): string | undefined {
  return /^DISKSEQ=(.*)$/m.exec(text.replaceAll("\0", "\n"))?.[1];
}

function ueventFile(devpath: string): string | undefined {
  try {
    return readFileSync(`/sys${devpath}/uevent`, "latin1");
  } catch {
    return undefined;
  }
}
