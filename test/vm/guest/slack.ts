import { closeSync, constants, openSync, readSync, statSync } from "node:fs";

import type { Kind, SlackReport } from "../report.js";
import { isUdevBusy } from "./host.js";
import type { Qemu } from "./qemu.js";
import { find, isThere, LANES, nodeOf } from "./toys.js";
import type { Toy } from "./toys.js";
import { waitSoon } from "./wait.js";

const AT = 8_388_608; // bytes: nobody has read that of a disk
const PAIRS = [
  ["stick", "stick-later"],
  ["disk", "disk-later"],
  ["keyboard", "keyboard-later"],
  ["serial", "serial-later"],
] as const;

/** What a driver leaves to a program that has a device open when that is pulled out, and to whom it gives the number. */
export async function slack(qemu: Qemu): Promise<SlackReport> {
  const found: Partial<Record<Kind, SlackReport[Kind]>> = {};
  for (const [first, later] of PAIRS) {
    const toy = toyOf(first);
    found[toy.kind] = await measure(qemu, toy, toyOf(later));
  }
  return found as SlackReport;
}

const toyOf = (id: string): Toy => LANES.flat().find((toy) => toy.id === id) as Toy;

async function measure(qemu: Qemu, toy: Toy, later: Toy): Promise<SlackReport[Kind]> {
  const number = await plug(qemu, toy);
  const fd = openSync(`/dev/${nodeOf(toy, find(toy) ?? "")}`, constants.O_RDONLY | constants.O_NONBLOCK);
  await unplug(qemu, toy);
  const read = reads(fd);
  const held = (await plug(qemu, later)) === number ? "given to the next" : "kept";
  await unplug(qemu, later);
  closeSync(fd);
  const closed = (await plug(qemu, later)) === number ? "given to the next" : "kept";
  await unplug(qemu, later);
  return { read, held, closed };
}

/** Returns its number. */
async function plug(qemu: Qemu, toy: Toy): Promise<number> {
  await waitSoon(`${toy.id} can be plugged in`, () => isPlugged(qemu, toy));
  const node = (): string => nodeOf(toy, find(toy) ?? "");
  await waitSoon(`${toy.id} is there`, () => find(toy) !== undefined && isThere(node()) && !isUdevBusy());
  return statSync(`/dev/${node()}`).rdev;
}

/** What is behind it may not have been let go of yet by the one before. */
function isPlugged(qemu: Qemu, toy: Toy): boolean {
  try {
    toy.plug(qemu);
    return true;
  } catch (error) {
    console.log(`slack: ${toy.id}: ${String(error)}`);
    return false;
  }
}

async function unplug(qemu: Qemu, toy: Toy): Promise<void> {
  const node = nodeOf(toy, find(toy) ?? "");
  qemu.unplug(toy.id);
  await waitSoon(`${toy.id} is gone`, () => find(toy) === undefined && !isThere(node) && !isUdevBusy());
}

/** How many bytes, or the name of the error. */
function reads(fd: number): number | string {
  try {
    return readSync(fd, Buffer.alloc(512), 0, 512, AT);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ESPIPE" ? readsOn(fd) : (code ?? "");
  }
}

function readsOn(fd: number): number | string {
  try {
    return readSync(fd, Buffer.alloc(512));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "";
  }
}
