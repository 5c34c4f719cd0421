import type { Reader } from "@uevent-bridge/kernel";

const KOBJECT_UEVENT = "15";
const KERNEL_GROUP = 1;

/**
 * The sockets that listen to the kernel's uevents, from the text of `/proc/net/netlink`:
 * `sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode`.
 */
export function parseReaders(table: string): Reader[] {
  const readers: Reader[] = [];
  for (const line of table.split("\n")) {
    const [, protocol, , groups = "", rmem, , , , drops, inode] = line.split(/\s+/);
    if (protocol !== KOBJECT_UEVENT || !(Number.parseInt(groups, 16) & KERNEL_GROUP)) continue;
    readers.push({ inode: Number(inode), rmem: Number(rmem), drops: Number(drops) });
  }
  return readers;
}
