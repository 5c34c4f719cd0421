import type { Rung } from "../stage.js";
import { openBlockStage } from "./block.js";

/** A compressed RAM disk. The kernel numbers it: the lowest that is free. */
export const zram: Rung = {
  name: "a zram device",
  async open(io, directory) {
    const { addZram, removeZram } = await import("@uevent-bridge/linux/testing");
    const control = "/sys/class/zram-control/hot_remove";
    return openBlockStage({ name: "zram", control, add: addZram, remove: removeZram }, io, directory);
  },
};
