import { readdirSync, readFileSync } from "node:fs";

/** The processes of a session, by its leader's pid. */
export function sessionOf(leader: number): number[] {
  return all().filter((pid) => statOf(pid).session === leader);
}

export function childrenOf(parent: number): number[] {
  return all().filter((pid) => statOf(pid).parent === parent);
}

/** The first process of its pid namespace in a cgroup whose path has this part, by its pid here. */
export function firstOf(cgroup: string): number | undefined {
  return all().find((pid) => read(pid, "cgroup").includes(cgroup) && /^NSpid:.*\t1$/m.test(read(pid, "status")));
}

/** Also while nobody has waited for it. */
export function hasEnded(pid: number): boolean {
  const stat = read(pid);
  return stat === "" || stat.includes(") Z ");
}

function all(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => !Number.isNaN(pid));
}

/** The name before them may have blanks and brackets. */
function statOf(pid: number): { readonly parent: number; readonly session: number } {
  const [, parent, , session] = read(pid).split(") ").at(-1)?.split(" ") ?? [];
  return { parent: Number(parent), session: Number(session) };
}

function read(pid: number, file = "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return ""; // it has ended meanwhile
  }
}
