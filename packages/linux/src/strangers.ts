import type { Stats } from "node:fs";

/** Who may own a file, or write to it through a group, besides the caller. */
export interface Friends {
  readonly uids: readonly number[];
  readonly gids: readonly number[];
}

/** Says who else could write to a file; undefined if nobody but the caller and friends can. */
export function strangersWith(found: Pick<Stats, "uid" | "gid" | "mode">, friends: Friends): string | undefined {
  const uids = [process.geteuid?.(), ...friends.uids];
  const gids = [process.getegid?.(), ...friends.gids];
  if (!uids.includes(found.uid)) return `it belongs to uid ${found.uid}`;
  if (found.mode & 0o002) return "anybody may write to it";
  if (found.mode & 0o020 && !gids.includes(found.gid)) return `the group ${found.gid} may write to it`;
  return undefined;
}
