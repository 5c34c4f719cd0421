import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import { lookAtHost } from "../view/host.js";
import type { TracedRelay } from "./traced-relay.js";

const PATIENCE_MS = 5000;

export interface Watched {
  readonly place: string;
  /** Of the container. */
  readonly pid: number;
  readonly mark: string;
  readonly cgroup: string;
}

/** What a relay may leave. */
export function tracesOf({ place, pid, mark, cgroup }: Watched): readonly string[] {
  const seen = lookAtHost({ name: basename(place), mark, cgroup });
  const host = { ...seen, sockets: seen.sockets.map((line) => line.split(" ").at(-1)) };
  const inside = ["mountinfo", "net/netlink", "net/unix"].flatMap((table) =>
    readFileSync(`/proc/${pid}/${table}`, "latin1").split("\n").map(withoutCounts),
  );
  const files = ["run", "locks", "state"].flatMap((directory) => below(join(place, directory)));
  const hosts = Object.entries(host).flatMap(([what, each]) =>
    each.map((one: unknown) => `${what}: ${JSON.stringify(one)}`),
  );
  return [...hosts, ...inside, ...files];
}

/** What one of two lists has and the other has not. */
export function differences(what: string, wanted: readonly string[], found: readonly string[]): readonly string[] {
  const [left, more] = [[...wanted], [] as string[]];
  for (const each of found) {
    const at = left.indexOf(each);
    if (at >= 0) left.splice(at, 1);
    else more.push(each);
  }
  return [...left.map((each) => `${what} lacks ${each}`), ...more.map((each) => `${what} has ${each} too`)];
}

/** What is in a directory, but not what is mounted there: the links of a /sys lead around. */
function below(path: string, device = deviceOf(path)): readonly string[] {
  if (device === undefined || deviceOf(path) !== device) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const at = join(path, entry.name);
    return entry.isDirectory() ? [at, ...below(at, device)] : [at];
  });
}

const deviceOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.dev;

/** Where it lies in the kernel, and how much waits for it. */
const withoutCounts = (line: string): string => line.replace(/^[\da-f]{16}:? /, "").replace(/^(15 .*?) .*/, "$1");

/** Descriptors that a relay has that has ended. What is being read on another thread meanwhile is closed soon. */
export async function leakedBy(relay: TracedRelay, before: readonly string[]): Promise<readonly string[]> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const after = (await relay.ask("descriptors"))?.result ?? before;
    const leaked = differences("descriptor", before, after);
    if (leaked.length === 0 || performance.now() > end) return leaked;
  }
}
