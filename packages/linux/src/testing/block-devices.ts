import { writeFileSync } from "node:fs";

import { loadAddon } from "../addon.js";
import { systemError } from "../errno.js";
import { readText } from "../read-text.js";

// Commands of /dev/loop-control, from <linux/loop.h>.
const LOOP_CTL_ADD = 0x4c80;
const LOOP_CTL_REMOVE = 0x4c81;
const LOOP_CTL_GET_FREE = 0x4c82;

const ZRAM = "/sys/class/zram-control";

/** The number of a loop device that nobody uses; it is made if there is none. @throws Error with the system's reason */
export function freeLoop(): number {
  return loopControl("LOOP_CTL_GET_FREE", LOOP_CTL_GET_FREE, 0);
}

/** Makes a loop device: `/devices/virtual/block/loopNUMBER`. @throws Error with the system's reason */
export function addLoop(number: number): void {
  loopControl("LOOP_CTL_ADD", LOOP_CTL_ADD, number);
}

/** Removes a loop device that nobody uses. @throws Error with the system's reason */
export function removeLoop(number: number): void {
  loopControl("LOOP_CTL_REMOVE", LOOP_CTL_REMOVE, number);
}

/** Makes a compressed RAM disk, `/devices/virtual/block/zramNUMBER`, and gives its number. @throws Error with the system's reason */
export function addZram(): number {
  return Number(readText(`${ZRAM}/hot_add`)); // reading makes it
}

/** Removes a compressed RAM disk. @throws Error with the system's reason */
export function removeZram(number: number): void {
  writeFileSync(`${ZRAM}/hot_remove`, `${number}`);
}

function loopControl(name: string, command: number, number: number): number {
  const result = loadAddon().loopControl(command, number);
  if (result < 0) throw systemError(`${name} ${number}`, result);
  return result;
}
