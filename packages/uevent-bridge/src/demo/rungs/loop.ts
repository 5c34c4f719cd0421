import type { Rung } from "../stage.js";
import { openBlockStage } from "./block.js";

/** A loop device under a number that nobody uses. */
export const loop: Rung = {
  name: "a loop device",
  async open(io) {
    const { addLoop, removeLoop } = await import("@uevent-bridge/linux/testing");
    const driver = {
      title: "loop device",
      prefix: "loop",
      control: "/dev/loop-control",
      add: addLoop,
      remove: removeLoop,
    };
    return openBlockStage(driver, io);
  },
};
