import type { Reader } from "@uevent-bridge/kernel";

const KOBJECT_UEVENT = "15";

/**
 * The sockets that listen to a uevent group, from the text of `/proc/net/netlink`:
 * `sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode`.
 */
export function parseReaders(table: string, group: number): Reader[] {
  const readers: Reader[] = [];
  for (const line of table.split("\n")) {
    const [, protocol, , groups = "", rmem, , , , drops, inode] = line.split(/\s+/);
    if (protocol !== KOBJECT_UEVENT || !(Number.parseInt(groups, 16) & group)) continue;
    readers.push({ inode: Number(inode), rmem: Number(rmem), drops: Number(drops) });
  }
  return readers;
}
