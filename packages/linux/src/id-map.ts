const UNMAPPED = 65534; // how the system shows an id that has no counterpart

/** The id outside that id 0 of a user namespace is, from `/proc/PID/uid_map` or `gid_map`. */
export function rootOf(idMap: string): number {
  for (const line of idMap.split("\n")) {
    const [inside, outside] = line.trim().split(/\s+/).map(Number);
    if (inside === 0 && outside !== undefined) return outside;
  }
  return UNMAPPED;
}
