import type { UeventGroup } from "@uevent-bridge/kernel";

/** Multicast groups of NETLINK_KOBJECT_UEVENT, as bits of a socket's address. */
export const GROUPS: Readonly<Record<UeventGroup, number>> = { kernel: 1, udev: 2, "libudev-zero": 4 };
