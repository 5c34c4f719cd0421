import type { OpenBy } from "@uevent-bridge/relay";

import { printable } from "./printable.js";

/** The programs that have a device in use, on one line. */
export function usersText({ holders, more }: OpenBy): string {
  const named = holders.map(({ pid, comm, how, place }) => {
    const where = place === undefined ? "" : ` at ${place}`;
    return printable(`${pid} ${comm} (${how}${where})`);
  });
  return [...named, ...(more ? ["perhaps others, as not all could be looked at"] : [])].join(", ");
}
