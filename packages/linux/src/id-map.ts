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

/** The id outside that an id of a user namespace is; undefined if it has none. */
export function hostIdOf(idMap: string, id: number): number | undefined {
  for (const [inside = 0, outside = 0, count = 0] of linesOf(idMap))
    if (id >= inside && id < inside + count) return outside + id - inside;
  return undefined;
}

/** True if an id outside is one of the user namespace. */
export function isInside(idMap: string, id: number): boolean {
  return linesOf(idMap).some(([, outside = 0, count = 0]) => id >= outside && id < outside + count);
}

function lineOfRoot(idMap: string): readonly number[] | undefined {
  const lines = linesOf(idMap);
  return lines.find(([inside]) => inside === 0) ?? lines[0];
}

function linesOf(idMap: string): readonly (readonly number[])[] {
  const lines = idMap.trim().split("\n");
  return lines.filter((line) => line !== "").map((line) => line.trim().split(/\s+/).map(Number));
}
