import type { Addon } from "./addon.js";
import { pipeAnswer } from "./pipe-answer.js";
import { fromRootOf } from "./root-of.js";

const LOOK_MS = 2000; // file systems of a container may never answer
const GLIMPSE_SIZE = 28; // bytes: struct glimpse

/** What is at a path, with ids of the host. */
export interface Glimpse {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a device node. */
  readonly major: number;
  readonly minor: number;
  /** True if no device node there can be opened: its mount has nodev. */
  readonly noDevices: boolean;
}

/** What is at each path as a process sees it, undefined where nothing is; undefined if that cannot be found out. */
export async function glimpsesIn(
  addon: Addon,
  pid: number,
  paths: readonly string[],
): Promise<readonly (Glimpse | undefined)[] | undefined> {
  const text = Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
  const pipe = fromRootOf(pid, (root) => addon.startGlancing(root, text));
  const size = paths.length * GLIMPSE_SIZE;
  const answer = pipe < 0 ? undefined : await pipeAnswer(addon, pipe, size, LOOK_MS);
  return answer?.length === size ? paths.map((_, i) => parseGlimpse(answer, i * GLIMPSE_SIZE)) : undefined;
}

/** A `struct glimpse`. */
export function parseGlimpse(answer: Buffer, start: number): Glimpse | undefined {
  if (answer.readInt32LE(start) < 0) return undefined;
  const [mode = 0, uid = 0, gid = 0, major = 0, minor = 0, noDevices] = [4, 8, 12, 16, 20, 24].map((at) =>
    answer.readUInt32LE(start + at),
  );
  return { mode, uid, gid, major, minor, noDevices: noDevices === 1 };
}
