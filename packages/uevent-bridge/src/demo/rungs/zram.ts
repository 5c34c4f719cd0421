import type { Rung } from "../stage.js";
import { openBlockStage } from "./block.js";

const CONTROL = "/sys/class/zram-control/hot_remove";

/** A compressed RAM disk, which the kernel numbers itself: the lowest that is free. */
export const zram: Rung = {
  name: "a zram device",
  async open(io) {
    const { addZram: add, removeZram: remove } = await import("@uevent-bridge/linux/testing");
    return openBlockStage({ title: "zram device", prefix: "zram", control: CONTROL, add, remove }, io);
  },
};
