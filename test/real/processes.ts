import { readdirSync, readFileSync } from "node:fs";

/** The processes of a session, by its leader's pid. */
export function sessionOf(leader: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => statOf(pid)[3] === `${leader}`)
    .map(Number);
}

/** state, ppid, pgrp, session, …; the name before them may have blanks and brackets. */
function statOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
  } catch {
    return []; // it has ended meanwhile
  }
}
