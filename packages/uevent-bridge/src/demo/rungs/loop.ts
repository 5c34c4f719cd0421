import { existsSync } from "node:fs";

import type { Rung } from "../stage.js";
import { openBlockStage } from "./block.js";

const FIRST = 100; // and up: far from those that somebody may be about to use

/** A loop device that nobody uses. */
export const loop: Rung = {
  name: "a loop device",
  async open(io, directory) {
    const { addLoop, removeLoop } = await import("@uevent-bridge/linux/testing");
    const number = firstUnused();
    const add = (): number => (addLoop(number), number);
    return openBlockStage({ name: "loop", control: "/dev/loop-control", add, remove: removeLoop }, io, directory);
  },
};

function firstUnused(): number {
  let number = FIRST + (process.pid % FIRST); // two demos at a time take two devices
  while (existsSync(`/sys/class/block/loop${number}`)) number++;
  return number;
}
