import { join } from "node:path";

/** Where relays of a user keep what is theirs: the containers' directories, and `.control`. */
export interface Runtime {
  readonly uid: number;
  readonly directory: string;
}

/** @param xdg `XDG_RUNTIME_DIR` */
export function runtimeOf(uid: number, xdg?: string): Runtime {
  return { uid, directory: directoryOf(uid, xdg) };
}

/** That of the user of this process. */
export function thisRuntime(): Runtime {
  return runtimeOf(process.geteuid?.() ?? 0, process.env["XDG_RUNTIME_DIR"]);
}

function directoryOf(uid: number, xdg: string | undefined): string {
  if (uid === 0) return "/run/uevent-bridge";
  return xdg?.startsWith("/") ? join(xdg, "uevent-bridge") : `/tmp/uevent-bridge-${uid}`;
}
