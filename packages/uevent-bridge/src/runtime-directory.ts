import { join } from "node:path";

/** Who runs the relay, as far as its place for files depends on it. */
export interface User {
  readonly uid: number;
  /** `XDG_RUNTIME_DIR`. */
  readonly runtimeDir?: string;
}

/** Where relays of this user keep what is theirs: the containers' directories, and `.control`. */
export function runtimeDirectory({ uid, runtimeDir }: User): string {
  if (uid === 0) return "/run/uevent-bridge";
  if (runtimeDir?.startsWith("/")) return join(runtimeDir, "uevent-bridge");
  return `/tmp/uevent-bridge-${uid}`;
}

/** The user of this process. */
export function processUser(): User {
  const runtimeDir = process.env["XDG_RUNTIME_DIR"];
  return { uid: process.geteuid?.() ?? 0, ...(runtimeDir !== undefined && { runtimeDir }) };
}
