import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** What a process has of its own, as options of util-linux's `unshare`. */
export type Own = readonly ("--user" | "--map-root-user" | "--net" | "--mount" | "--pid" | "--fork" | "--kill-child")[];

/** True if this user may have these namespaces and then run a program in them. */
export async function mayUnshare(own: Own, program: readonly string[] = ["true"]): Promise<boolean> {
  return (await exitStatus(spawn("unshare", [...own, ...program], { stdio: "ignore" }))) === 0;
}

/** The status of a process when it has ended; undefined if a signal ended it or it never began. */
export async function exitStatus(child: ChildProcess): Promise<number | undefined> {
  try {
    const [status] = (await once(child, "exit")) as [number | null];
    return status ?? undefined;
  } catch {
    return undefined; // there is no such program
  }
}
