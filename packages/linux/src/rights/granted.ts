import { closeSync } from "node:fs";

import type { Access, DeviceNumber } from "@uevent-bridge/kernel";

import { ERRNO } from "../errno.js";
import { doEach, orUndo } from "../undo.js";
import type { OpenCgroup } from "./cgroup-program.js";
import { ACCESS_SIZE, accessBits, EVERYTHING, KEY_SIZE, keyOf } from "./number.js";
import { mapFull, refusal } from "./refusal.js";

const NAME = "uevent_bridge";
const ENTRIES = 64; // of the first map
const ENTRIES_MAX = 65_536;

/** The map into which programs look: what is granted. It is replaced by a larger one when it is full. */
export class Granted {
  readonly #cgroup: OpenCgroup;
  /** By key in latin1. */
  readonly #own = new Map<string, Uint8Array>();
  /** What a relay before this one granted. */
  readonly #others = new Map<string, Uint8Array>();
  /** Of which the system refused to take over what is said here. */
  readonly #unsure = new Set<string>();
  #size = ENTRIES;
  #fd: number;

  /** @throws KernelError */
  constructor(cgroup: OpenCgroup) {
    this.#cgroup = cgroup;
    this.#fd = this.#create(ENTRIES);
  }

  get fd(): number {
    return this.#fd;
  }

  /** @param onReplaced has programs look into another map @throws KernelError MAP_FULL */
  put(number: DeviceNumber, access: Access, onReplaced: (map: number) => void): void {
    const key = textOf(keyOf(number));
    this.#own.set(key, accessBits(access));
    this.#others.delete(key);
    this.#take(key, onReplaced);
  }

  /** @throws KernelError the system refuses it now */
  remove(number: DeviceNumber): void {
    const key = textOf(keyOf(number));
    this.#own.delete(key);
    this.#others.delete(key);
    this.#take(key);
  }

  /** Tries again what was refused. @throws KernelError */
  settle(onReplaced: (map: number) => void): void {
    doEach(...Array.from(this.#unsure, (key) => () => this.#take(key, onReplaced)));
  }

  /** What another map has holds until the others are forgotten. @throws KernelError */
  keep(mapId: number): void {
    const { addon, path } = this.#cgroup;
    const map = addon.openBpfMap(mapId);
    if (map < 0) throw refusal(path, "BPF_MAP_GET_FD_BY_ID", map);
    try {
      for (const [key, access] of entriesOf(this.#cgroup, map)) {
        if (!this.#own.has(key)) this.#keep(key, access);
      }
    } finally {
      closeSync(map);
    }
  }

  /** Everything may be opened until the others are forgotten. @throws KernelError */
  keepEverything(): void {
    for (const number of EVERYTHING) this.#keep(textOf(keyOf(number)), accessBits("rwm"));
  }

  forgetOthers(): void {
    const keys = [...this.#others.keys()];
    this.#others.clear();
    doEach(...keys.map((key) => () => this.#take(key)));
  }

  close(): void {
    closeSync(this.#fd);
  }

  #keep(key: string, access: Uint8Array): void {
    this.#put(key, access, () => {}); // nobody looks yet
    this.#others.set(key, access);
  }

  /** Has the map say what is said here. */
  #take(key: string, onReplaced: (map: number) => void = () => {}): void {
    const access = this.#own.get(key);
    this.#unsure.add(key);
    if (access) this.#put(key, access, onReplaced);
    else this.#remove(key);
    this.#unsure.delete(key);
  }

  #remove(key: string): void {
    const { addon, path } = this.#cgroup;
    const result = addon.removeBpf(this.#fd, bytesOf(key));
    if (result < 0 && result !== -ERRNO.ENOENT) throw refusal(path, "BPF_MAP_DELETE_ELEM", result);
  }

  #put(key: string, access: Uint8Array, onReplaced: (map: number) => void): void {
    const { addon, path } = this.#cgroup;
    const result = addon.putBpf(this.#fd, bytesOf(key), access);
    if (result === -ERRNO.E2BIG) this.#grow(onReplaced);
    else if (result < 0) throw refusal(path, "BPF_MAP_UPDATE_ELEM", result);
    if (result === -ERRNO.E2BIG) this.#put(key, access, onReplaced);
  }

  #grow(onReplaced: (map: number) => void): void {
    if (this.#size >= ENTRIES_MAX) throw mapFull(this.#cgroup.path, this.#size);
    let size = 2 * this.#size;
    while (size < this.#own.size + this.#others.size && size < ENTRIES_MAX) size *= 2; // some of them may have been refused
    const larger = this.#create(size);
    orUndo(
      () => {
        for (const [key, access] of [...this.#others, ...this.#own]) this.#putInto(larger, key, access);
        onReplaced(larger);
      },
      () => closeSync(larger),
    );
    closeSync(this.#fd);
    this.#fd = larger;
    this.#size = size;
  }

  #putInto(map: number, key: string, access: Uint8Array): void {
    const { addon, path } = this.#cgroup;
    const result = addon.putBpf(map, bytesOf(key), access);
    if (result < 0) throw refusal(path, "BPF_MAP_UPDATE_ELEM", result);
  }

  #create(size: number): number {
    const { addon, path } = this.#cgroup;
    const fd = addon.createBpfMap(NAME, KEY_SIZE, ACCESS_SIZE, size);
    if (fd < 0) throw refusal(path, "BPF_MAP_CREATE", fd);
    return fd;
  }
}

/** What a map has, by key in latin1. @throws KernelError */
function entriesOf({ addon, path }: OpenCgroup, map: number): ReadonlyMap<string, Uint8Array> {
  const entries = new Map<string, Uint8Array>();
  let key: Uint8Array | null = null;
  for (;;) {
    const next: Uint8Array = new Uint8Array(KEY_SIZE);
    const access = new Uint8Array(ACCESS_SIZE);
    const result = addon.nextBpfKey(map, key, next);
    if (result === -ERRNO.ENOENT) return entries;
    if (result < 0) throw refusal(path, "BPF_MAP_GET_NEXT_KEY", result);
    if (addon.getBpf(map, next, access) === 0) entries.set(textOf(next), access);
    key = next;
  }
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key).toString("latin1");
}

function bytesOf(key: string): Uint8Array {
  return Buffer.from(key, "latin1");
}
