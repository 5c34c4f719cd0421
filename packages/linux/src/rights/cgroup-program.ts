import { closeSync } from "node:fs";

import type { Addon } from "../addon.js";
import { ERRNO } from "../errno.js";
import { orUndo } from "../undo.js";
import { canBeCopied, deviceProgram, programBefore } from "./instructions.js";
import { refusal, standsAlone, cannotBeCopied } from "./refusal.js";

/** Begins the names of our programs; behind it is that of the one in whose place it is. */
export const OURS = "uevb_";
const NAME_MAX = 15; // characters
export const ALLOW_MULTI = 2; // BPF_F_ALLOW_MULTI

/** A cgroup whose programs are looked at and exchanged. */
export interface OpenCgroup {
  readonly addon: Addon;
  readonly fd: number;
  /** latin1 */
  readonly path: string;
}

/** A program that is attached to a cgroup, held open. */
export interface Program {
  readonly id: number;
  readonly fd: number;
  /** Of what a runtime had attached, as far as it is known; most runtimes give none. */
  readonly name: string;
  /** The map that it looks into, if it is one of ours. */
  readonly map: number | undefined;
  /** What a runtime had attached: the instructions of this one, or of the one in whose place ours is. */
  readonly before: Uint8Array | undefined;
}

/** The ids of what is attached to the cgroup itself. @throws KernelError */
export function programIds({ addon, fd, path }: OpenCgroup): readonly number[] {
  const result = addon.queryDevicePrograms(fd);
  if (typeof result === "number") throw refusal(path, "BPF_PROG_QUERY", result);
  const [flags, ...ids] = result;
  if (ids.length > 0 && (flags & ALLOW_MULTI) === 0) throw standsAlone(path);
  return ids;
}

/** True if one of ours is attached to the cgroup itself. @throws KernelError */
export function hasOurs(cgroup: OpenCgroup): boolean {
  const programs = openPrograms(cgroup);
  for (const { fd } of programs) closeSync(fd);
  return programs.some(({ map }) => map !== undefined);
}

/** What is attached to the cgroup itself. @throws KernelError */
export function openPrograms(cgroup: OpenCgroup): readonly Program[] {
  const programs: Program[] = [];
  return orUndo(
    () => {
      for (const id of programIds(cgroup)) {
        const fd = cgroup.addon.openBpfProgram(id);
        if (fd === -ERRNO.ENOENT) continue; // it has gone meanwhile
        programs.push(describe(cgroup, must(cgroup, "BPF_PROG_GET_FD_BY_ID", fd)));
      }
      return programs;
    },
    () => programs.forEach(({ fd }) => closeSync(fd)),
  );
}

/** Puts one of ours in the place of another, or beside the others if there is none. @throws KernelError */
export function attach(cgroup: OpenCgroup, map: number, replaced?: Program): Program {
  const name = `${OURS}${replaced?.name ?? ""}`.slice(0, NAME_MAX);
  return describe(cgroup, exchange(cgroup, deviceProgram(map, replaced?.before), name, replaced));
}

/** What was there before it is there again. @throws KernelError */
export function restore(cgroup: OpenCgroup, program: Program): void {
  if (program.before) closeSync(exchange(cgroup, program.before, program.name, program));
  else detach(cgroup, program);
}

/** The very program is there again in whose place ours was put, or nothing; what fails is left to whoever attaches next. Ours is closed. */
export function putBack({ addon, fd }: OpenCgroup, ours: Program, place: Program | undefined): void {
  if (place) addon.attachDeviceProgram(fd, place.fd, ours.fd);
  else addon.detachDeviceProgram(fd, ours.fd);
  closeSync(ours.fd);
}

/** @throws KernelError */
export function detach(cgroup: OpenCgroup, program: Program): void {
  must(cgroup, "BPF_PROG_DETACH", cgroup.addon.detachDeviceProgram(cgroup.fd, program.fd));
}

/** Loads a program and attaches it. */
function exchange(cgroup: OpenCgroup, instructions: Uint8Array, name: string, replaced: Program | undefined): number {
  const { addon, fd } = cgroup;
  const program = must(cgroup, "BPF_PROG_LOAD", addon.loadDeviceProgram(name, instructions));
  return orUndo(
    () => {
      must(cgroup, "BPF_PROG_ATTACH", addon.attachDeviceProgram(fd, program, replaced?.fd ?? -1));
      return program;
    },
    () => closeSync(program),
  );
}

/** @param fd closed if it cannot be described */
function describe({ addon, path }: OpenCgroup, fd: number): Program {
  return orUndo(
    () => {
      const result = addon.readBpfProgram(fd);
      if (typeof result === "number") throw refusal(path, "BPF_OBJ_GET_INFO_BY_FD", result);
      const [id, name, instructions, maps, map] = result;
      if (name.startsWith(OURS) && maps === 1)
        return { id, fd, name: name.slice(OURS.length), map, before: programBefore(instructions) };
      if (maps > 0 || !canBeCopied(instructions)) throw cannotBeCopied(path, id, name);
      return { id, fd, name, map: undefined, before: instructions };
    },
    () => closeSync(fd),
  );
}

function must({ path }: OpenCgroup, call: string, result: number): number {
  if (result < 0) throw refusal(path, call, result);
  return result;
}
