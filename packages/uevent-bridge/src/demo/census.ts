import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What is there of all that the demo makes. Each entry names one thing. */
export interface Census {
  readonly mounts: readonly string[];
  readonly processes: readonly string[];
  readonly namespaces: readonly string[];
  readonly sockets: readonly string[];
}

/** How many of each. */
export type Count = Readonly<Record<keyof Census, number>>;

/**
 * Looks at this machine, as far as this process may.
 *
 * @param directory below which the demo makes all its files
 * @param namespaces those that the demo made, as `net:[4026531840]`; what others make meanwhile is theirs
 */
export function takeCensus(directory: string, namespaces: ReadonlySet<string>): Census {
  const pids = namesIn("/proc").filter((name) => /^\d+$/.test(name));
  const isOurs = (pid: string): boolean => isChild(pid) || namespacesOf(pid).some((name) => namespaces.has(name));
  const held = [...pids.flatMap(namespacesOf), ...openFiles()].filter((name) => namespaces.has(name));
  return {
    mounts: lines("/proc/self/mountinfo").filter((line) => line.includes(directory)),
    processes: pids.filter(isOurs),
    namespaces: [...new Set(held)],
    sockets: [
      ...openFiles().filter((file) => file.startsWith("socket:")),
      ...lines("/proc/net/unix").filter((line) => line.includes(directory)),
    ],
  };
}

/** What the later census has and the earlier has not. */
export function leftBehind(before: Census, after: Census): Count {
  const more = (key: keyof Census): number => after[key].filter((name) => !before[key].includes(name)).length;
  return {
    mounts: more("mounts"),
    processes: more("processes"),
    namespaces: more("namespaces"),
    sockets: more("sockets"),
  };
}

/** The namespaces of a process, as `net:[4026531840]`; none if it is gone or not ours to look at. */
export function namespacesOf(pid: string | number): string[] {
  const links = namesIn(`/proc/${pid}/ns`).map((name) => linkOf(`/proc/${pid}/ns/${name}`));
  return links.filter((link) => link !== "");
}

function isChild(pid: string): boolean {
  const stat = lines(`/proc/${pid}/stat`)[0] ?? "";
  const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // a program's name may hold blanks and brackets
  return Number(parent) === process.pid;
}

/** What this process has open: `socket:[17]`, `net:[4026531840]`, paths. */
function openFiles(): string[] {
  return namesIn("/proc/self/fd").map((fd) => linkOf(`/proc/self/fd/${fd}`));
}

function lines(path: string): string[] {
  return attempt(() => readFileSync(path, "utf8").split("\n"), []);
}

function namesIn(path: string): string[] {
  return attempt(() => readdirSync(path), []);
}

function linkOf(path: string): string {
  return attempt(() => readlinkSync(path), "");
}

/** Processes go while one looks at them. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
