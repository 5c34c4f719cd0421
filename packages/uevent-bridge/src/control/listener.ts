import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Who listens on a control socket. */
export interface Listener {
  readonly pid: number;
  /** By SIGSTOP, or in a debugger. */
  readonly isStopped: boolean;
}

/** Under which a socket begins to listen: the kernel keeps it, so that it says for ever which process listens for which path. */
export function hiddenPath(path: string): string {
  return `${beginning(path)}${process.pid}.${randomBytes(2).toString("hex")}`;
}

/** Undefined if that cannot be found out. @param own the hidden path of who asks, if that listens for it too */
export async function listenerOn(path: string, own?: string): Promise<Listener | undefined> {
  const sockets = await readFile("/proc/net/unix", "utf8").catch(() => "");
  const ours = own?.slice(beginning(path).length);
  const [, ...found] = sockets.split(` ${beginning(path)}`);
  const pid = Number.parseInt(found.find((each) => ours === undefined || !each.startsWith(`${ours}\n`)) ?? "", 10);
  const state = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => undefined);
  return state === undefined ? undefined : { pid, isStopped: /\) [Tt] [^)]*$/.test(state) };
}

/** No longer than another hidden one, whatever the name. */
function beginning(path: string): string {
  const hash = createHash("sha256").update(basename(path)).digest("hex").slice(0, 8);
  return join(dirname(path), `.${hash}.`);
}
