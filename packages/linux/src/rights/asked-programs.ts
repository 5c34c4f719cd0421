import { closeSync, constants, openSync, statSync } from "node:fs";
import { dirname } from "node:path";

import type { Access, DeviceNumber } from "@uevent-bridge/kernel";

import type { Addon } from "../addon.js";
import { bytesOf, textOf } from "../bytes-path.js";
import { ERRNO } from "../errno.js";
import { ALLOW_MULTI, OURS } from "./cgroup-program.js";
import type { OpenCgroup } from "./cgroup-program.js";
import { evaluate } from "./evaluate.js";
import { programBefore, usesStack } from "./instructions.js";
import { ACCESS_SIZE, accessBits, contextOf, keyOf, wildcardsOf } from "./number.js";
import { refusal } from "./refusal.js";

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

/** A program of a cgroup as it is now. */
interface Found {
  readonly id: number;
  readonly name: string;
  readonly instructions: Uint8Array;
  readonly maps: number;
  readonly map: number;
}

/** The program, of a cgroup or of one above it, that keeps its programs from opening a device; all are asked, as the kernel asks all. */
export function programThatRefuses(cgroup: OpenCgroup, number: DeviceNumber, access: Access): string | undefined {
  const own = refuserIn(cgroup, number, access, false);
  if (own !== undefined) return own;
  for (const path of above(cgroup.path)) {
    const refuser = withDirectory(path, (fd) => refuserIn({ addon: cgroup.addon, fd, path }, number, access, true));
    if (refuser !== undefined) return refuser;
  }
  return undefined;
}

function refuserIn(
  { addon, fd, path }: OpenCgroup,
  number: DeviceNumber,
  access: Access,
  isAbove: boolean,
): string | undefined {
  const result = addon.queryDevicePrograms(fd);
  if (typeof result === "number") throw refusal(path, "BPF_PROG_QUERY", result);
  const [flags, ...ids] = result;
  if (isAbove && (flags & ALLOW_MULTI) === 0) return undefined; // the kernel asks the nearest of such alone
  for (const program of ids.map((id) => find(addon, path, id))) {
    if (!program) continue; // it has gone meanwhile
    const answer = ask(addon, program, number, access);
    const what = `the device program ${program.id}${program.name && ` (${program.name})`} of the cgroup ${textOf(path)}`;
    if (answer === undefined) return `perhaps ${what}, which cannot be asked`;
    if (!answer) return what;
  }
  return undefined;
}

function find(addon: Addon, path: string, id: number): Found | undefined {
  const fd = addon.openBpfProgram(id);
  if (fd === -ERRNO.ENOENT) return undefined;
  if (fd < 0) throw refusal(path, "BPF_PROG_GET_FD_BY_ID", fd);
  const result = addon.readBpfProgram(fd);
  closeSync(fd);
  if (typeof result === "number") return { id, name: "", instructions: new Uint8Array(), maps: 0, map: 0 };
  const [, name, instructions, maps, map] = result;
  return { id, name, instructions, maps, map };
}

function ask(addon: Addon, program: Found, number: DeviceNumber, access: Access): boolean | undefined {
  const { name, instructions, maps, map } = program;
  if (!name.startsWith(OURS) || maps !== 1) return evaluate(instructions, contextOf(number, access));
  const rest = notGranted(addon, map, number, access);
  if (rest === "") return true;
  const before = programBefore(instructions);
  return before ? evaluate(before, contextOf(number, usesStack(before) ? access : rest)) : false;
}

/** The letters of which our programs ask the one in whose place they are: the number and those that stand for it grant the others. */
function notGranted(addon: Addon, mapId: number, number: DeviceNumber, access: Access): string {
  const map = addon.openBpfMap(mapId);
  if (map < 0) return access;
  const granted = [number, ...wildcardsOf(number)].reduce((all, each) => {
    const value = new Uint8Array(ACCESS_SIZE);
    return addon.getBpf(map, keyOf(each), value) === 0 ? all | bitsOf(value) : all;
  }, 0);
  closeSync(map);
  return Array.from(access)
    .filter((letter) => (bitsOf(accessBits(letter)) & granted) === 0)
    .join("");
}

function bitsOf(access: Uint8Array): number {
  return new Uint32Array(access.buffer, access.byteOffset, 1)[0] ?? 0;
}

/** The cgroups above one, as far as its hierarchy is mounted there. */
function* above(path: string): Generator<string> {
  const { dev } = statSync(bytesOf(path));
  for (let at = dirname(path); at !== "/" && statSync(bytesOf(at)).dev === dev; at = dirname(at)) yield at;
}

function withDirectory<T>(path: string, work: (fd: number) => T): T {
  const fd = openSync(bytesOf(path), DIRECTORY);
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}
