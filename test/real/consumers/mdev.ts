import type { ConsumerKind } from "./consumer.js";

/** SEQNUM tells an event from what it finds in /sys/dev when it starts: whatever the rules, it shows all of that. */
const CONFIG = `loop.* 0:0 600 >linked/ *echo "$ACTION@$DEVPATH $SEQNUM" >>/run/mdev-ran\n`;

/** The daemon of busybox, by the command that it runs. */
export const mdev = mdevOf("busybox", "busybox-static");

/** @param busybox its program inside */
export function mdevOf(busybox: string, debian: string): ConsumerKind {
  return {
    name: "busybox mdev -d",
    debian,
    launch(inside) {
      if (inside.read("/etc/mdev.conf") !== CONFIG) inside.write("/etc/mdev.conf", CONFIG); // another may read it just now
      inside.start(busybox, "mdev", "-d", "-f");
      return {
        heard: () => Array.from(inside.read("/run/mdev-ran").matchAll(/^(\S+) \d+$/gm), ([, event = ""]) => event),
      };
    },
  };
}
