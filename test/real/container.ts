import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";

/** First host id of the containers' user namespaces. */
export const UID_BASE = 100_000;

export interface RealContainer extends AsyncDisposable {
  readonly pid: number;
}

/** A process in user, network and mount namespaces of its own; ids 0 … 65535 are 100000 … on the host. */
export async function startContainer(flags: readonly string[] = ["--user"]): Promise<RealContainer> {
  const child = spawn("unshare", [...flags, "--net", "--mount", "sh", "-c", "echo; exec sleep 1000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { pid = 0 } = child;
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  child.stdout.destroy();
  if (flags.includes("--user")) mapIds(pid);
  return {
    pid,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Makes ids 0 … 65535 of a new user namespace 100000 … of the host. */
export function mapIds(pid: number): void {
  if (readFileSync(`/proc/${pid}/uid_map`, "latin1").trim() !== "") return;
  for (const map of ["uid_map", "gid_map"]) writeFileSync(`/proc/${pid}/${map}`, `0 ${UID_BASE} 65536\n`);
}
