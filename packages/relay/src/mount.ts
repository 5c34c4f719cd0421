import type { Mount } from "./types.js";

/** Where a container finds the directory that its listeners bind in. */
export const INSIDE = "/run/uevent";

/** How that directory gets there, as OCI writes it. */
export function mountOf(source: string): Mount {
  return { source, destination: INSIDE, type: "bind", options: ["bind", "rw", "nosuid", "nodev", "noexec"] };
}
