/**
 * The id outside that id 0 of a user namespace is, from `/proc/PID/uid_map` or `gid_map`; where 0 has none, as bubblewrap leaves it,
 * the first that has one. Undefined if none has.
 */
export function rootOf(idMap: string): number | undefined {
  return lineOfRoot(idMap)?.[1];
}

/** Which id that is inside: 0 where 0 has one. */
export function insideOf(idMap: string): number | undefined {
  return lineOfRoot(idMap)?.[0];
}

function lineOfRoot(idMap: string): number[] | undefined {
  const lines = idMap
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  return lines.find(([inside]) => inside === 0) ?? lines[0];
}
