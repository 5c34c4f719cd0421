import { closeSync, constants, readSync } from "node:fs";

import type { DeviceId } from "@uevent-bridge/kernel";

import { READABLE } from "../addon.js";
import type { Addon } from "../addon.js";
import { errnoOf } from "../errno.js";
import { watchOrClose } from "../watch.js";

const SEARCH_MS = 2000; // of what answers
const HANG_MS = 3000; // of what does not: file systems of a container may never answer, nor its memory
const PAGE = 32_768; // bytes
const HELD_SIZE = 8; // bytes: struct held
const WAYS = ["end", "open", "mapped"] as const; // enum held_how

/** A process that has one of some devices open or mapped. */
export interface Found {
  readonly pid: number;
  readonly device: DeviceId;
  readonly how: "open" | "mapped";
}

export interface SearchResult {
  readonly found: readonly Found[];
  /** True if not all could be looked at. */
  readonly more: boolean;
}

/** Which of some processes have which of some devices open or mapped. Resolves within some seconds. */
export async function search(
  addon: Addon,
  pids: readonly number[],
  devices: readonly DeviceId[],
): Promise<SearchResult> {
  const pipe = addon.startSearching(Int32Array.from(pids), Uint32Array.from(devices.flatMap(numbersOf)), SEARCH_MS);
  if (pipe < 0) return { found: [], more: true };
  return parseHeld(await readToEnd(addon, pipe), devices);
}

/** `struct held`, one after the other. */
export function parseHeld(bytes: Buffer, devices: readonly DeviceId[]): SearchResult {
  const found: Found[] = [];
  for (let at = 0; at + HELD_SIZE <= bytes.length; at += HELD_SIZE) {
    const [pid, device, how] = [bytes.readInt32LE(at), devices[bytes.readUInt16LE(at + 4)], wayAt(bytes, at + 6)];
    if (how === "end") return { found, more: pid !== 0 };
    if (device && how) found.push({ pid, device, how });
  }
  return { found, more: true };
}

function numbersOf({ type, major, minor }: DeviceId): readonly number[] {
  return [type === "block" ? constants.S_IFBLK : constants.S_IFCHR, major, minor];
}

function wayAt(bytes: Buffer, at: number): (typeof WAYS)[number] | undefined {
  return WAYS[bytes.readUInt16LE(at)];
}

/** All that is brought, or what was until nobody waited any more. */
function readToEnd(addon: Addon, pipe: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const pages: Buffer[] = [];
    const done = (): void => {
      clearTimeout(timer);
      watch.close();
      closeSync(pipe);
      resolve(Buffer.concat(pages));
    };
    const watch = watchOrClose(addon, pipe, () => {
      const page = readPage(pipe);
      if (page && page.length > 0) pages.push(page);
      else if (page) done();
    });
    const timer = setTimeout(done, HANG_MS);
    watch.start(READABLE);
  });
}

/** Empty at the end; undefined if nothing waits, or the system refuses it now: it is read again until its time is over. */
function readPage(pipe: number): Buffer | undefined {
  const page = Buffer.alloc(PAGE);
  try {
    return page.subarray(0, readSync(pipe, page));
  } catch (error) {
    errnoOf(error);
    return undefined;
  }
}
