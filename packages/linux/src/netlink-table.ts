import type { Reader, UeventGroup } from "@uevent-bridge/kernel";

import { GROUPS } from "./groups.js";

const KOBJECT_UEVENT = "15";

/** A socket of that protocol which is bound, with the groups that it hears: none, or some. */
export interface UeventSocket extends Reader {
  readonly groups: readonly UeventGroup[];
}

/** The sockets that listen to a uevent group, from the text of `/proc/net/netlink`. */
export function parseReaders(table: string, group: number): Reader[] {
  return rowsOf(table)
    .filter(({ groups }) => (groups & group) !== 0)
    .map(({ inode, rmem, drops }) => ({ inode, rmem, drops }));
}

/** Those that are bound, whatever they hear. */
export function parseSockets(table: string): UeventSocket[] {
  const names = Object.keys(GROUPS) as UeventGroup[];
  return rowsOf(table)
    .filter(({ port }) => port !== 0)
    .map(({ inode, rmem, drops, groups }) => ({
      inode,
      rmem,
      drops,
      groups: names.filter((name) => (groups & GROUPS[name]) !== 0),
    }));
}

interface Row extends Reader {
  readonly port: number;
  readonly groups: number;
}

/** Columns: `sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode`. */
function rowsOf(table: string): Row[] {
  const rows: Row[] = [];
  for (const line of table.split("\n")) {
    const [, protocol, port, groups = "", rmem, , , , drops, inode] = line.split(/\s+/);
    if (protocol !== KOBJECT_UEVENT) continue;
    rows.push({
      port: Number(port),
      groups: Number.parseInt(groups, 16),
      inode: Number(inode),
      rmem: Number(rmem),
      drops: Number(drops),
    });
  }
  return rows;
}
